import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Progress } from "../progress.ts";
import { loadScenario } from "../scenarios/load.ts";
import { createFakeProvider } from "../testing/fake-provider.ts";
import { DrydockError } from "../errors.ts";
import { gradedSchema } from "./graded.ts";
import { gradeSubmission, type GradeOptions as AllOptions } from "./grade.ts";
import type { Health } from "./second-look.ts";
import type { Submission } from "./submit.ts";

// Each checker is a process of its own: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const FIXTURES = join(import.meta.dirname, "../../../test/fixtures");
const scenario = loadScenario(join(FIXTURES, "scenarios/valid-answer"));
type GradeOptions = AllOptions & { scenario: typeof scenario };

const script = (text: string): Submission => ({ kind: "script", script: text, remarks: [] });

/** A cluster that answers each look with what is given, in order, the last for ever. */
function looks(...healths: Health[]) {
  const told: string[] = [];
  const next = (what: string) => () => {
    told.push(what);
    return Promise.resolve(healths.length > 1 ? healths.shift()! : healths[0]!);
  };
  return { told, examine: next("examine"), restart: next("restart") };
}
const ANSWERS: Health = { state: "answers" };
const SILENT: Health = { state: "api-silent", reason: "the API server does not answer" };
const GONE: Health = { state: "host-gone", reason: "the host controlplane no longer runs" };

async function grade(text: string, provider = createFakeProvider(), options: Partial<GradeOptions> = {}) {
  const graded = await gradeSubmission(options.scenario ?? scenario, script(text), {
    provider,
    owner: "cli",
    timeoutMs: 10_000,
    progress: new Progress(),
    secondLook: looks(ANSWERS),
    ...options,
  });
  expect(provider.alive.size).toBe(0);
  expect(() => gradedSchema.parse(graded)).not.toThrow();
  return graded;
}

describe("gradeSubmission", () => {
  it("passes a right submission and removes the sandbox", async () => {
    expect(await grade("echo 42 > answer")).toMatchObject({ verdict: "passed", points: 3, maxPoints: 3 });
  });

  it("says what is wrong with a wrong one", async () => {
    const report = await grade("echo 41 > answer");
    expect(report.checks.map((check) => check.reason)).toEqual([undefined, undefined, undefined]);
    expect(report).toMatchObject({ verdict: "failed", points: 0 });
    expect(report.checks[0]).toMatchObject({ id: "answer", outcome: "failed", expected: { en: "42" }, found: { en: "41" } });
  });

  it("judges the state that a failing submission leaves, and goes on after a failing line", async () => {
    const { verdict, submission } = await grade("false\necho 42 > answer\nexit 3");
    expect(verdict).toBe("passed");
    expect(submission.ending).toEqual({ how: "ended", exitStatus: 3 });
  });

  it("judges a submission that prints more than is kept, when it has ended", async () => {
    const { verdict, submission } = await grade("yes | head -c 3000000; echo 42 > answer");
    expect(verdict).toBe("passed");
    expect(submission).toMatchObject({ ending: { how: "ended", exitStatus: 0 } });
    expect(submission.leftOutBytes?.stdout).toBeGreaterThan(1_000_000);
  });

  it("stops a submission that takes too long, and judges what it had done", async () => {
    const { verdict, submission } = await grade("echo 42 > answer; sleep 60", createFakeProvider(), { timeoutMs: 3000 });
    expect(submission.ending).toEqual({ how: "stopped", limitSeconds: 3 });
    expect(verdict).toBe("passed");
  });

  it("takes what a CI system or a terminal would obey out of every text", async () => {
    const evil = "::error::x\\n##vso[task.complete]\\033[2Jy";
    const graded = await grade(`printf '${evil}' > answer; printf '${evil}'; exit 1`);
    expect(graded.checks[0]!.found!.en).toBe("::error::x\n# #vso[task.complete]y");
    expect(graded.submission.stdout).toBe("::error::x\n# #vso[task.complete]y");
  });

  it("removes the sandbox when it is aborted", async () => {
    const provider = createFakeProvider();
    const signal = AbortSignal.timeout(800);
    await expect(grade("sleep 5", provider, { signal })).rejects.toThrow();
    expect(provider.alive.size).toBe(0);
    expect(provider.made).toBe(1);
  });
});

const JUDGED_AT_THE_SECOND_TRY = `import { check, checks, passed } from "@drydock/labs/checks";
export default checks(({ host }) => [
  check("answer", async () => {
    if ((await host("controlplane").exec(["/bin/mkdir", "looked"])).exitCode === 0) throw new Error("no answer");
    return passed();
  }),
  check("question", () => passed()),
  check("tidy", () => passed()),
]);`;

describe("where checks cannot be judged", () => {
  const broken = { ...scenario, checkPath: join(FIXTURES, "checkers/throwing.ts") };

  it.each(["broken", "lost"] as const)("it is the machine's fault where sandboxes are %s before the submission", async (kind) => {
    const graded = await grade("true", createFakeProvider(kind));
    expect(graded).toMatchObject({ verdict: "error", blame: { whose: "machine" }, submission: { ending: { how: "not-run" } } });
    expect(graded.checks.map((check) => check.outcome)).toEqual(["error", "error", "error"]);
    expect(graded.checks[0]?.reason).toMatch(/engine works|no longer runs/);
  });

  it("whose fault it is is unclear where the cluster answers, at a second try too", async () => {
    const provider = createFakeProvider();
    const graded = await grade("true", provider, { scenario: broken });
    expect(graded).toMatchObject({ verdict: "error", blame: { whose: "unclear" } });
    expect(provider.made).toBe(1);
  });

  it("the control plane is restarted where the API server is silent, and the verdict is that of the second look", async () => {
    const secondLook = looks(SILENT, ANSWERS);
    const dir = mkdtempSync(join(tmpdir(), "drydock-check-"));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    writeFileSync(join(dir, "check.ts"), JUDGED_AT_THE_SECOND_TRY);
    const later = { ...scenario, checkPath: join(dir, "check.ts") };
    const graded = await grade("true", createFakeProvider(), { secondLook, scenario: later });
    expect(secondLook.told).toEqual(["examine", "restart"]);
    expect(graded).toMatchObject({
      verdict: "passed",
      remarks: [expect.stringContaining("after a restart of the control plane")],
    });
    expect(graded.blame).toBeUndefined();
  });

  it.each([
    ["the API server stays silent", SILENT, "nor does it after a restart of the control plane"],
    ["a host has gone", GONE, "the host controlplane no longer runs"],
  ])("the submission is not passed where %s in two sandboxes", async (_, health, words) => {
    const provider = createFakeProvider();
    const graded = await grade("true", provider, { scenario: broken, secondLook: looks(health) });
    expect(provider.made).toBe(2);
    expect(graded).toMatchObject({ verdict: "failed", points: 0, blame: { whose: "submission" } });
    expect(graded.blame!.reason).toContain(words);
    expect(graded.checks[0]!.found!.en).toContain(words);
  });

  it("it is the machine's fault where no second sandbox can be made", async () => {
    const provider = createFakeProvider();
    const first = provider.create.bind(provider);
    provider.create = (options) => (provider.made > 0 ? Promise.reject(new Error("no space left")) : first(options));
    const graded = await grade("true", provider, { scenario: broken, secondLook: looks(SILENT) });
    expect(graded).toMatchObject({
      verdict: "error",
      blame: { whose: "machine", reason: expect.stringContaining("no space left") },
    });
  });

  it("a submission that was lost in a sandbox that answers is not judged, and not blamed", async () => {
    const provider = createFakeProvider();
    const create = provider.create.bind(provider);
    provider.create = async (options) => {
      const sandbox = await create(options);
      const exec = sandbox.exec.bind(sandbox);
      const lose: typeof exec = (host, argv, more) =>
        more?.cwd === "/root" ? Promise.reject(new DrydockError("process.launcher-lost", "It ended")) : exec(host, argv, more);
      return { ...sandbox, exec: lose };
    };
    const graded = await grade("true", provider);
    expect(graded).toMatchObject({ verdict: "error", blame: { whose: "unclear" }, submission: { ending: { how: "lost" } } });
    expect(provider.made).toBe(2);
  });
});
