import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Progress } from "../progress.ts";
import { loadScenario } from "../scenarios/load.ts";
import { createFakeProvider } from "../testing/fake-provider.ts";
import { gradeSubmission } from "./grade.ts";
import { readSubmission } from "./submit.ts";

// Each checker is a process of its own: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const scenario = loadScenario(join(import.meta.dirname, "../../../test/fixtures/scenarios/valid-answer"));

async function grade(script: string, provider = createFakeProvider(), timeoutMs = 10_000) {
  const graded = await gradeSubmission(
    scenario,
    { kind: "script", script },
    { provider, owner: "cli", timeoutMs, progress: new Progress() },
  );
  expect(provider.alive.size).toBe(0);
  return graded;
}

describe("gradeSubmission", () => {
  it("passes a right submission and removes the sandbox", async () => {
    expect((await grade("echo 42 > answer")).report).toMatchObject({ verdict: "passed", points: 3, maxPoints: 3 });
  });

  it("says what is wrong with a wrong one", async () => {
    const { report } = await grade("echo 41 > answer");
    expect(report.checks.map((check) => check.reason)).toEqual([undefined, undefined, undefined]);
    expect(report).toMatchObject({ verdict: "failed", points: 0 });
    expect(report.checks[0]).toMatchObject({ id: "answer", outcome: "failed", expected: { en: "42" }, found: { en: "41" } });
  });

  it("judges the state that a failing submission leaves, and goes on after a failing line", async () => {
    const { report, submitted } = await grade("false\necho 42 > answer\nexit 3");
    expect(report.verdict).toBe("passed");
    expect(submitted).toMatchObject({ exitCode: 3, timedOut: false });
  });

  it("stops a submission that takes too long, and judges what it had done", async () => {
    const { report, submitted } = await grade("echo 42 > answer; sleep 60", createFakeProvider(), 3000);
    expect(submitted?.timedOut).toBe(true);
    expect(report.verdict).toBe("passed");
  });

  it.each(["broken", "lost"] as const)("can't judge where sandboxes are %s", async (kind) => {
    const { report } = await grade("true", createFakeProvider(kind));
    expect(report.verdict).toBe("error");
    expect(report.checks.map((check) => check.outcome)).toEqual(["error", "error", "error"]);
    expect(report.checks[0]?.reason).toMatch(/engine works|no longer runs/);
  });

  it("removes the sandbox when it is aborted", async () => {
    const provider = createFakeProvider();
    const options = {
      provider,
      owner: "cli" as const,
      timeoutMs: 60_000,
      progress: new Progress(),
      signal: AbortSignal.timeout(800),
    };
    await expect(gradeSubmission(scenario, { kind: "script", script: "sleep 5" }, options)).rejects.toThrow();
    expect(provider.alive.size).toBe(0);
    expect(provider.made).toBe(1);
  });
});

describe("readSubmission", () => {
  it("takes a folder's manifests in name order, and a file by its name", async () => {
    const dir = mkdtempSync(join(tmpdir(), "drydock-submission-"));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    await expect(readSubmission(dir)).rejects.toMatchObject({ code: "submission.empty" });
    for (const name of ["20-b.yaml", "10-a.yml", "README", "answer.sh"]) writeFileSync(join(dir, name), name);
    const folder = await readSubmission(dir);
    expect(folder).toMatchObject({ kind: "manifests", files: [{ name: "10-a.yml" }, { name: "20-b.yaml" }] });
    expect(await readSubmission(join(dir, "answer.sh"))).toEqual({ kind: "script", script: "answer.sh" });
    expect(await readSubmission(join(dir, "10-a.yml"))).toMatchObject({ kind: "manifests" });
    await expect(readSubmission(join(dir, "none"))).rejects.toMatchObject({ code: "submission.missing" });
  });
});
