import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { Progress } from "../../progress.ts";
import { loadScenario } from "../../scenarios/load.ts";
import { createFakeProvider } from "../../testing/fake-provider.ts";
import type { SecondLook } from "../second-look.ts";
import { type ClassOptions, gradeClass, type Work } from "./grade-class.ts";

// Each checker is a process of its own: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const scenario = loadScenario(join(import.meta.dirname, "../../../../test/fixtures/scenarios/valid-answer"));
const noSecondLook: SecondLook = {
  examine: () => Promise.resolve({ state: "answers" }),
  restart: () => Promise.resolve({ state: "answers" }),
};
const work = (person: string, script: string): Work => ({ person, submission: { kind: "script", script, remarks: [] } });

function start(works: Work[], options: Partial<ClassOptions> = {}) {
  const fake = createFakeProvider();
  const provider = Object.assign(fake, { prepareCopies: vi.fn(() => Promise.resolve()) });
  const told: string[] = [];
  const grading = gradeClass(scenario, works, {
    ...{ provider, owner: "cli", timeoutMs: 60_000, jobs: 1, most: 2, progress: new Progress(), secondLook: noSecondLook },
    onGraded: (person, { verdict, submission }) => void told.push(`${person} ${verdict} ${submission.ending.how}`),
    ...options,
  });
  return { grading, provider, told };
}

it("grades each in a fresh copy, one after another where there is one job, and leaves nothing", async () => {
  const { grading, provider, told } = start([work("anna", "echo 42 > answer"), work("ben", "true")]);
  await grading;
  expect(told).toEqual(["anna passed ended", "ben failed ended"]);
  expect(provider.prepareCopies).toHaveBeenCalledOnce();
  expect(provider.made).toBe(2);
  expect(provider.alive.size).toBe(0);
});

it("a submission that hangs delays no other, and is judged by what it had done", async () => {
  const works = [work("hangs", "echo 42 > answer; sleep 50"), work("anna", "echo 42 > answer"), work("ben", "true")];
  const { grading, provider, told } = start(works, { patienceMs: 200, timeoutMs: 15_000 });
  await grading;
  expect(told).toEqual(["anna passed ended", "ben failed ended", "hangs passed stopped"]);
  expect(provider.most).toBeLessThanOrEqual(3); // one of them on its way out
});

it("removes its sandboxes when it is aborted, and begins no other", async () => {
  const aborting = new AbortController();
  const { grading, provider } = start([work("anna", "sleep 50"), work("ben", "true")], { signal: aborting.signal });
  await expect.poll(() => provider.alive.size, { timeout: 20_000 }).toBe(1);
  aborting.abort(new Error("stop"));
  await expect(grading).rejects.toThrow();
  expect(provider.alive.size).toBe(0);
  expect(provider.made).toBe(1);
});
