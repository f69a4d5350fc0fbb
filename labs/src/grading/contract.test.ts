import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadScenario } from "../scenarios/load.ts";
import { createFakeProvider } from "../testing/fake-provider.ts";
import { createLoad } from "./load.ts";
import { runContracts } from "./run-contracts.ts";

// Each checker is a process of its own: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const FIXTURE = join(import.meta.dirname, "../../../test/fixtures/scenarios/valid-answer");
let root: string;
let dir: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "drydock-contract-"));
  dir = join(root, "valid-answer");
  cpSync(FIXTURE, dir, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

const edit = (name: string, from: string, to: string) => {
  const before = readFileSync(join(dir, name), "utf8");
  expect(before).toContain(from);
  writeFileSync(join(dir, name), before.replace(from, to));
};

/** Leaves only the legs that every scenario has, and this one: each leg starts a checker. */
const keepScriptsOf = (leg: string) => {
  for (const folder of ["alternatives", "wrong"]) {
    for (const name of readdirSync(join(dir, folder)))
      if (!leg.endsWith(` ${name.slice(0, -3)}`)) rmSync(join(dir, folder, name));
  }
};

/** Legs that do not hold, with what is wrong. */
async function broken(provider = createFakeProvider()) {
  const [contract] = await runContracts([loadScenario(dir)], { provider, owner: "test", jobs: 2 });
  expect(provider.alive.size).toBe(0);
  return Object.fromEntries(
    contract!.legs.filter((leg) => !leg.ok).map((leg) => [leg.name, [leg.outcome, ...leg.problems].join("; ")]),
  );
}

describe("the contract of a scenario", () => {
  it("holds for a right one, leg by leg, in fresh sandboxes of which two are there at once", async () => {
    const provider = createFakeProvider();
    const told: string[] = [];
    const [contract] = await runContracts([loadScenario(dir)], {
      provider,
      owner: "test",
      jobs: 2,
      onLeg: (_slug, leg) => told.push(leg.name),
    });
    const names = [
      "setup",
      "untouched",
      "solution",
      "setup again",
      "alternative no-newline",
      "alternative tee",
      "near miss off-by-one",
      "near miss untidy",
    ];
    expect(contract!.legs.map((leg) => leg.name)).toEqual(names);
    expect(contract!.legs.every((leg) => leg.ok)).toBe(true);
    expect(told.sort()).toEqual(names.sort());
    expect(provider).toMatchObject({ made: 5, most: 2 });
    expect(provider.alive.size).toBe(0);
  });

  it("plays fooling attempts as it does near misses", async () => {
    mkdirSync(join(dir, "fooling"));
    writeFileSync(join(dir, "fooling/question.sh"), "# fails: answer, question\n# then: tee\necho 6 x 7 > answer\n");
    const [contract] = await runContracts([loadScenario(dir)], { provider: createFakeProvider(), owner: "test", jobs: 2 });
    const names = contract!.legs.map((leg) => leg.name);
    expect(names.slice(names.indexOf("fooling attempt question"))).toContain("alternative tee");
    expect(contract!.legs.filter((leg) => !leg.ok)).toEqual([]);

    writeFileSync(join(dir, "fooling/question.sh"), "# fails: answer, question\necho 42 > answer\n");
    expect(await broken()).toEqual({
      "fooling attempt question": "failed; answer: expected to fail, but it passed; question: expected to fail, but it passed",
    });
  });

  it.each([
    ["an alternative", "tee", ["alternative no-newline", "near miss off-by-one", "alternative tee", "near miss untidy"]],
    ["a near miss", "untidy", ["alternative no-newline", "alternative tee", "near miss off-by-one", "near miss untidy"]],
  ])("plays a near miss before %s that it names, in the same sandbox", async (_what, then, scripts) => {
    edit("wrong/off-by-one.sh", "question", `question\n# then: ${then}`);
    const provider = createFakeProvider();
    const [contract] = await runContracts([loadScenario(dir)], { provider, owner: "test", jobs: 2 });
    expect(contract!.legs.map((leg) => leg.name)).toEqual(["setup", "untouched", "solution", "setup again", ...scripts]);
    expect(contract!.legs.filter((leg) => !leg.ok)).toEqual([]);
    expect(provider.made).toBe(4);
  });

  it.each<[string, () => void, string, RegExp]>([
    [
      "a check that passes untouched",
      () => edit("setup.sh", "echo", "echo 42 > answer; echo"),
      "untouched",
      /^failed; answer: expected to fail before anything is done, but it passed/,
    ],
    [
      "a solution that solves nothing",
      () => edit("solution.md", "42", "43"),
      "solution",
      /^failed; answer: expected 42; found 43/,
    ],
    [
      "a solution that fails halfway",
      () => edit("solution.md", "echo", "false\necho"),
      "solution",
      /^failed; The script ended with exit status 1/,
    ],
    [
      "an alternative that does not pass",
      () => edit("alternatives/tee.sh", "42", "7"),
      "alternative tee",
      /^failed; answer: expected 42; found 7/,
    ],
    [
      "a near miss that passes what it should fail",
      () => edit("wrong/untidy.sh", "touch mess", ""),
      "near miss untidy",
      /^failed; tidy: expected to fail, but it passed/,
    ],
    [
      "a near miss that fails more than it says",
      () => edit("wrong/untidy.sh", "42", "0"),
      "near miss untidy",
      /^failed; answer: expected 42; found 0 \(the script does not name it\)/,
    ],
    [
      "a set-up that can't be repeated",
      () => edit("setup.sh", "echo", "mkdir once; echo"),
      "setup again",
      /^failed; Setting up valid-answer .* ended with exit status 1/,
    ],
    [
      "a check that can't be judged",
      () => edit("check.ts", `toBe(1, "no mess")`, "toBe(Oops)"),
      "solution",
      /^error; tidy: could not be judged: Oops is not defined|^failed; tidy: could not be judged/,
    ],
  ])("is broken by %s", async (_name, breakIt, leg, problem) => {
    breakIt();
    keepScriptsOf(leg);
    expect((await broken())[leg]).toMatch(problem);
  });

  it("tries no leg after a set-up that failed", async () => {
    edit("setup.sh", "echo", "false\necho");
    const legs = await broken();
    expect(legs.setup).toMatch(/^failed; .*setup\.sh on controlplane\) ended with exit status 1/);
    expect(legs.solution).toBe("error; not tried: setup went wrong before it");
  });

  it.each([
    ["broken", "No container engine works here"],
    ["lost", "no longer runs"],
  ] as const)("is not judged where sandboxes are %s", async (kind, why) => {
    const legs = await broken(createFakeProvider(kind));
    expect(Object.keys(legs)).toHaveLength(8);
    expect(legs["near miss untidy"]).toContain(why);
    expect(legs.solution).toMatch(/^error/);
  });

  it("is proved under load from the set-up on, and the machine is idle again afterwards", async () => {
    keepScriptsOf("near miss untidy");
    const load = createLoad(1);
    const busy: number[] = [];
    const [contract] = await runContracts([loadScenario(dir)], {
      provider: createFakeProvider(),
      owner: "test",
      jobs: 1,
      load,
      onLeg: () => busy.push(load.pids().length),
    });
    expect(contract!.legs.filter((leg) => !leg.ok)).toEqual([]);
    expect(busy).toEqual(busy.map(() => availableParallelism()));
    expect(load.pids()).toEqual([]);
  });

  it("removes its sandboxes when it is aborted", async () => {
    edit("solution.md", "echo", "sleep 5; echo");
    const provider = createFakeProvider();
    const running = runContracts([loadScenario(dir)], { provider, owner: "test", jobs: 2, signal: AbortSignal.timeout(1200) });
    await expect(running).rejects.toThrow();
    expect(provider.alive.size).toBe(0);
  });

  it("tells no leg that an abort broke off: it says nothing of the scenario", async () => {
    edit("solution.md", "echo", "sleep 60; echo");
    keepScriptsOf("none");
    const aborting = new AbortController();
    const told: string[] = [];
    const onLeg = (_: string, { name, ok }: { name: string; ok: boolean }) => {
      told.push(`${name} ${ok}`);
      if (name === "untouched") setTimeout(() => aborting.abort(), 300);
    };
    const options = { provider: createFakeProvider(), owner: "test", jobs: 1, signal: aborting.signal, onLeg } as const;
    await expect(runContracts([loadScenario(dir)], options)).rejects.toThrow();
    expect(told).toEqual(["setup true", "untouched true"]);
  });
});
