import { describe, expect, it } from "vitest";
import type { Graded } from "./graded.ts";
import { contractsToJunit, gradedToJunit } from "./junit.ts";

const graded: Graded = {
  scenario: "drain-node01",
  verdict: "error",
  points: 2,
  maxPoints: 5,
  startedAt: "2026-11-21T10:00:00.000Z",
  durationMs: 900,
  checks: [
    { id: "cordoned", title: { en: "node01 takes no new pods" }, points: 2, outcome: "passed", durationMs: 120 },
    {
      id: "moved",
      title: { en: 'a < b & "c"' },
      points: 2,
      outcome: "failed",
      expected: { en: "none" },
      found: { en: "two\nlines \u0007<b>" },
      durationMs: 80,
    },
    { id: "ready", title: { en: "ready" }, points: 1, outcome: "error", reason: "no answer", durationMs: 5 },
  ],
  submission: { ending: { how: "ended", exitStatus: 124 }, stdout: "::error::fake\n<done>\n", stderr: "", durationMs: 4000 },
  remarks: ["Left out: notes.txt: no manifest"],
};

describe("JUnit XML", () => {
  it("tells failures from errors, and escapes what people and programs wrote", () => {
    expect(gradedToJunit([{ name: "anna", graded }])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="anna" tests="3" failures="1" errors="1" time="0.205" timestamp="2026-11-21T10:00:00.000Z">
    <properties>
      <property name="submission.ending" value="ended"/>
      <property name="submission.exitStatus" value="124"/>
    </properties>
    <testcase classname="anna" name="cordoned: node01 takes no new pods (2 points)" time="0.120"/>
    <testcase classname="anna" name="moved: a &lt; b &amp; &quot;c&quot; (2 points)" time="0.080">
      <failure message="expected: none; found: two">expected: none; found: two&#10;| lines &lt;b&gt;</failure>
    </testcase>
    <testcase classname="anna" name="ready: ready (1 points)" time="0.005">
      <error message="no answer">no answer</error>
    </testcase>
    <system-out>The submission ended with exit status 124&#10;Left out: notes.txt: no manifest&#10;| ::error::fake&#10;| &lt;done&gt;&#10;|</system-out>
  </testsuite>
</testsuites>
`);
  });

  it.each([
    [{ how: "stopped", limitSeconds: 300 }, 'submission.limitSeconds" value="300"', "was stopped after 300 s, its time limit"],
    [{ how: "killed", signal: "SIGKILL" }, 'submission.signal" value="SIGKILL"', "was killed by SIGKILL"],
    [{ how: "lost", reason: "gone" }, 'submission.reason" value="gone"', "was lost: gone"],
  ] as const)("says how the submission ended: %j", (ending, property, words) => {
    const blame = { whose: "machine", reason: "no disk" } as const;
    const xml = gradedToJunit([{ name: "x", graded: { ...graded, blame, submission: { ...graded.submission, ending } } }]);
    expect(xml).toContain(`<property name="submission.ending" value="${ending.how}"/>`);
    expect(xml).toContain(`<property name="${property}/>`);
    expect(xml).toContain(`<property name="blame" value="machine"/>`);
    expect(xml).toContain(`<system-out>The submission ${words}&#10;The machine&#39;s fault`.replace("&#39;", "'"));
  });

  it("has a suite for each scenario of a contract test and a case for each leg", () => {
    const leg = {
      name: "solution",
      ok: false,
      outcome: "failed" as const,
      durationMs: 1000,
      problems: ["a: expected x; found y", "b"],
    };
    const xml = contractsToJunit([
      { slug: "one", legs: [leg] },
      { slug: "two", legs: [] },
    ]);
    expect(xml).toContain(`<testsuite name="one" tests="1" failures="1" errors="0" time="1.000">`);
    expect(xml).toContain(`<failure message="a: expected x; found y">a: expected x; found y&#10;b</failure>`);
    expect(xml).toContain(`<testsuite name="two" tests="0"`);
  });
});
