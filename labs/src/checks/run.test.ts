import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DrydockError } from "../errors.ts";
import { tryRun, type RunResult } from "../process.ts";
import type { Scenario } from "../scenarios/schema.ts";
import { observeFiles } from "../testing/fake-observe.ts";
import { writeDeadKubeconfig } from "../testing/fake-provider.ts";
import { reportSchema } from "./outcome.ts";
import { listChecks, runChecks, type CheckedSandbox } from "./run.ts";

// Each checker is a process of its own: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const FIXTURES = join(import.meta.dirname, "../../../test/fixtures/checkers");
let dir: string;
let sandbox: CheckedSandbox;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "drydock-run-"));
  const kubeconfigPath = writeDeadKubeconfig(dir);
  const hosts = ["controlplane", "node01"];
  sandbox = {
    id: "fake",
    hosts,
    kubeconfigPath,
    baselinePath: join(dir, "baseline.json"),
    exec: fakeExec,
    observe: observeFiles({ "/etc/motd": "hello\n" }),
  };
});
afterAll(() => rmSync(dir, { recursive: true }));

const result = (stdout: string, exitCode = 0): RunResult => ({ exitCode, stdout, stderr: "", timedOut: false, durationMs: 1 });

/** Two hosts on which every program succeeds; any other host is unknown. */
async function fakeExec(host: string): Promise<RunResult> {
  if (host !== "controlplane" && host !== "node01") throw new DrydockError("sandbox.unknown-host", `There is no host ${host}`);
  return result("");
}

function scenario(checker: string, ids = ["first", "second"]): Scenario {
  const checks = ids.map((id, at) => ({ id, points: at + 1, title: { en: id } }));
  const points = checks.reduce((sum, check) => sum + check.points, 0);
  return { slug: checker, checkPath: join(FIXTURES, `${checker}.ts`), checks, points } as unknown as Scenario;
}

/** A scenario outside the checkout whose checker, written now, has one check. */
function written(name: string, text: string, verdict: string): Scenario {
  const checkPath = join(dir, `${name}.ts`);
  const sdk = `import { check, checks, expect } from "@drydock/labs/checks";`;
  writeFileSync(checkPath, `${sdk}\n${text}\nexport default checks(() => [check("first", () => ${verdict})]);\n`);
  return { ...scenario(name, ["first"]), checkPath };
}

/** The outcomes of a fixture by check, and why those that are errors are. */
async function outcomes(checker: string, options: Parameters<typeof runChecks>[2] = {}) {
  const report = await runChecks(scenario(checker), sandbox, options);
  reportSchema.parse(report);
  return {
    report,
    list: report.checks.map((check) => check.outcome),
    reasons: report.checks.map((check) => check.reason ?? "").join("|"),
  };
}

describe("runChecks", () => {
  it("gives points for what passed, and tells of each result as it comes", async () => {
    const told: string[] = [];
    const { report } = await outcomes("passing", { onResult: (one) => told.push(one.id) });
    expect(report).toMatchObject({ verdict: "passed", points: 3, maxPoints: 3 });
    expect(told).toEqual(["first", "second"]);
  });

  it("says expected and found of what failed, and fails what comes after it", async () => {
    const empty: CheckedSandbox = { ...sandbox, observe: observeFiles({ "/etc/motd": "bye\n" }) };
    const report = await runChecks(scenario("passing"), empty);
    expect(report).toMatchObject({ verdict: "failed", points: 0 });
    expect(report.checks[0]).toMatchObject({
      outcome: "failed",
      expected: { en: "the file says hello", ko: "파일의 내용은 hello" },
      found: { en: "bye\n" },
    });
    expect(report.checks[1]).toMatchObject({
      outcome: "failed",
      found: { en: "not judged, because first has not passed: bye\n" },
    });
  });

  it("counts what throws as not judged, neither failed nor passed", async () => {
    const { report, list, reasons } = await outcomes("throwing");
    expect(list).toEqual(["error", "passed"]);
    expect(reasons).toContain("There is no host node09");
    expect(report).toMatchObject({ verdict: "error", points: 2 });
  });

  it("ends a check that takes too long and judges the others", async () => {
    const { list, reasons } = await outcomes("slow-check");
    expect(list).toEqual(["error", "passed"]);
    expect(reasons).toContain("longer than 0.1 s");
  });

  it.each([
    ["hung", /longer than 7 s/],
    ["exiting", /ended early \(exit status 0\)/],
    ["crashing", /out of its promise/],
    ["printing", /printed more than/],
    ["hoarding", /ended early/],
  ])("keeps what a %s checker had judged before", async (checker, reason) => {
    const { list, reasons } = await outcomes(checker, { checkTimeoutMs: checker === "hung" ? 2000 : 60_000 });
    expect(list).toEqual(["passed", "error"]);
    expect(reasons).toMatch(reason);
  });

  it.each([
    ["bad-import", /^bad-import\.ts:1: Could not resolve "\.\/does-not-exist\.ts"/],
    ["no-export", /exports no checks/],
  ])("judges nothing with a checker that can't be loaded: %s", async (checker, reason) => {
    const { list, reasons } = await outcomes(checker);
    expect(list).toEqual(["error", "error"]);
    expect(reasons).toMatch(reason);
  });

  it("takes nothing for a verdict that is none, and cuts texts that nobody can read", async () => {
    const { report, list } = await outcomes("no-verdict");
    expect(list).toEqual(["error", "failed"]);
    expect(report.checks[1]?.expected?.en.length).toBeLessThan(3000);
    expect(report.checks[1]?.found?.en).toBe("–");
  });

  it("lets a check wait for others, and runs one alone when they are done", async () => {
    const report = await runChecks(scenario("gated", ["work", "gated", "broken", "behind-broken", "alone", "slow"]), sandbox);
    expect(Object.fromEntries(report.checks.map((check) => [check.id, check.outcome]))).toEqual({
      work: "failed",
      gated: "failed",
      broken: "error",
      "behind-broken": "error",
      alone: "passed",
      slow: "passed",
    });
  });

  it("leaves no process behind when it is aborted", async () => {
    const children = async () => (await tryRun("ps", ["-o", "args=", "--ppid", String(process.pid)])).stdout;
    const aborting = new AbortController();
    let running = "";
    const judging = runChecks(scenario("hung"), sandbox, {
      signal: aborting.signal,
      onResult: async () => {
        running = await children();
        aborting.abort();
      },
    });
    await expect(judging).rejects.toMatchObject({ code: "checks.aborted" });
    expect(running).toContain("hung.ts");
    expect(await children()).not.toContain("hung.ts");
  });

  it("does not hand this process's environment to a checker", async () => {
    process.env.DRYDOCK_SECRET = "s3cret";
    const report = await runChecks(written("env", "", "expect(process.env.DRYDOCK_SECRET).toBe(undefined)"), sandbox);
    delete process.env.DRYDOCK_SECRET;
    expect(report.verdict).toBe("passed");
  });

  it("runs a checker anywhere, with files beside it and packages in either form", async () => {
    writeFileSync(join(dir, "word.txt"), "hello");
    writeFileSync(
      join(dir, "word.ts"),
      `import { readFileSync } from "node:fs";\nimport { join } from "node:path";
      export const word: string = readFileSync(join(import.meta.dirname, "word.txt"), "utf8");\n`,
    );
    writeFileSync(join(dir, "in-common-js.cjs"), `module.exports = { sep: require("path").sep };\n`);
    const imports = `import { word } from "./word.ts";\nimport { sep } from "./in-common-js.cjs";\n`;
    const report = await runChecks(written("anywhere", imports, `expect(word + sep).toBe("hello/")`), sandbox);
    expect(report.verdict).toBe("passed");
  });

  it.each([
    ["does not parse", "const word = ;", /^broken\.ts:2: Unexpected/],
    ["throws when it is loaded", "function cry(): never {\n  throw new Error('at sea');\n}\ncry();", /^at sea/],
    ["throws nowhere in particular", "setTimeout(() => {\n  throw new Error('adrift');\n});", /adrift[^]*broken\.ts:3:/],
  ])("says why, and where in its text, a checker %s", async (_what, text, reason) => {
    const report = await runChecks(written("broken", text, "new Promise(() => undefined)"), sandbox);
    expect(report.checks[0]).toMatchObject({ outcome: "error", reason: expect.stringMatching(reason) });
  });
});

describe("listChecks", () => {
  it("goes on when the process that reads checkers is killed", async () => {
    await listChecks(join(FIXTURES, "passing.ts"));
    const { stdout } = await tryRun("pgrep", ["-P", String(process.pid), "-f", "esbuild --service"]);
    process.kill(Number(stdout), "SIGKILL");
    const both = await Promise.all([listChecks(join(FIXTURES, "passing.ts")), listChecks(join(FIXTURES, "throwing.ts"))]);
    expect(both.map((checks) => checks.length)).toEqual([2, 2]);
  });

  it("tells the checks of a module without a cluster", async () => {
    expect(await listChecks(join(FIXTURES, "passing.ts"))).toEqual([
      { id: "first", after: [] },
      { id: "second", after: ["first"] },
    ]);
  });

  it("throws where the module can't be loaded", async () => {
    await expect(listChecks(join(FIXTURES, "bad-import.ts"))).rejects.toMatchObject({ code: "checks.broken" });
  });
});
