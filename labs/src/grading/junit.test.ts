import { describe, expect, it } from "vitest";
import type { Report } from "../checks/outcome.ts";
import { contractsToJunit, reportToJunit } from "./junit.ts";

const report: Report = {
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
};

describe("JUnit XML", () => {
  it("tells failures from errors, and escapes what people and programs wrote", () => {
    expect(reportToJunit(report)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="drain-node01" tests="3" failures="1" errors="1" time="0.205">
    <testcase classname="drain-node01" name="cordoned: node01 takes no new pods (2 points)" time="0.120"/>
    <testcase classname="drain-node01" name="moved: a &lt; b &amp; &quot;c&quot; (2 points)" time="0.080">
      <failure message="expected: none; found: two">expected: none; found: two&#10;lines &lt;b&gt;</failure>
    </testcase>
    <testcase classname="drain-node01" name="ready: ready (1 points)" time="0.005">
      <error message="no answer">no answer</error>
    </testcase>
  </testsuite>
</testsuites>
`);
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
