import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { loadScenario } from "../../scenarios/load.ts";
import { type Graded, notRun, shortened, unjudged } from "../graded.ts";
import type { Submission } from "../submit.ts";
import { gradingKey, KeptResults, scenarioKeyOf } from "./kept-results.ts";

const scenario = loadScenario(join(import.meta.dirname, "../../../../test/fixtures/scenarios/valid-answer"));
const graded = (verdict: Graded["verdict"]): Graded => ({
  ...unjudged(scenario, "x", 0),
  durationMs: 1,
  verdict,
  submission: notRun("x"),
  remarks: [],
});

function dataDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "drydock-kept-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

it("a verdict is found again in a later run, by just what was graded; one that could not be judged is not", async () => {
  const dir = dataDir();
  const results = await KeptResults.open({ dataDir: dir }, "my-task", dir);
  await results.add("anna", "k1", graded("passed"));
  await results.add("ben", "k2", graded("error"));
  for (const kept of [results, await KeptResults.open({ dataDir: dir }, "my-task", dir)]) {
    expect(kept.find("anna", "k1")).toEqual(graded("passed"));
    expect(kept.find("anna", "k2")).toBeUndefined();
    expect(kept.find("ben", "k2")).toBeUndefined();
  }
  expect((await KeptResults.open({ dataDir: dir }, "other-task", dir)).find("anna", "k1")).toBeUndefined();
});

it("half a line, as a kill leaves it, costs that line only", async () => {
  const dir = dataDir();
  const results = await KeptResults.open({ dataDir: dir }, "my-task", dir);
  await results.add("anna", "k1", graded("passed"));
  appendFileSync(results.path, '\n{"person":"ben","key":"k');
  await (await KeptResults.open({ dataDir: dir }, "my-task", dir)).add("chris", "k3", graded("failed"));
  const kept = await KeptResults.open({ dataDir: dir }, "my-task", dir);
  expect([kept.find("anna", "k1"), kept.find("ben", "k2"), kept.find("chris", "k3")].map((one) => one?.verdict)).toEqual([
    "passed",
    undefined,
    "failed",
  ]);
});

it("what a verdict depends on has a key of its own: the submission, its limit, the scenario", async () => {
  const key = await scenarioKeyOf(scenario);
  const script = (text: string): Submission => ({ kind: "script", script: text, remarks: [] });
  const keys = [
    await gradingKey(key, script("a"), 1000),
    await gradingKey(key, script("b"), 1000),
    await gradingKey(key, script("a"), 2000),
    await gradingKey(await scenarioKeyOf({ ...scenario, setups: {} }), script("a"), 1000),
  ];
  expect(new Set(keys).size).toBe(4);
  expect(await gradingKey(await scenarioKeyOf({ ...scenario, title: { en: "renamed" } }), script("a"), 1000)).toBe(keys[0]);
});

it("of a long output the beginning and the end are kept, and what is left out is counted in all", () => {
  const submission = { ...notRun("x"), stdout: `first${"x".repeat(100_000)}last`, leftOutBytes: { stdout: 7, stderr: 3 } };
  const short = shortened({ ...graded("passed"), submission });
  expect(short.submission.stdout).toMatch(/^first.*last$/s);
  expect(short.submission.leftOutBytes).toEqual({ stdout: 100_009 - 32 * 1024 + 7, stderr: 3 });
});
