import { expect, test } from "vitest";
import { judgeWall } from "../doctor/platform.ts";
import type { Engine } from "../engine/engine.ts";
import type { RunResult } from "../process.ts";
import { createWall, examineWall, removeWall } from "./wall.ts";

/**
 * An engine whose helper containers end when the test says so; `answers` are their exit statuses by
 * command of drydock-wall.
 */
function helperEngine(answers: Record<string, number> = {}, stderr = "") {
  const calls: string[][] = [];
  const ending: (() => void)[] = [];
  const tryRun = (args: readonly string[]): Promise<RunResult> => {
    calls.push([...args]);
    const exitCode = answers[args.at(-1)!] ?? 0;
    return new Promise((resolve) =>
      ending.push(() => resolve({ exitCode, stdout: "", stderr: exitCode === 0 ? "" : stderr, timedOut: false, durationMs: 1 })),
    );
  };
  const engine = { name: "podman", tryRun } as unknown as Engine;
  const finish = async () => {
    for (let turns = 0; turns < 20; turns++) {
      for (const end of ending.splice(0)) end();
      await Promise.resolve();
    }
  };
  return { engine, calls, ending, finish };
}

test("calls that come while a helper runs share one more, as it may have looked before what they are about; later ones have their own", async () => {
  const { engine, calls, ending, finish } = helperEngine();
  const wall = createWall(engine, "0badcafe");
  const all = [wall.ensure("node:1"), wall.ensure(), wall.ensure("node:2"), wall.ensure()];
  expect(calls).toHaveLength(1);
  expect(calls[0]).toEqual(expect.arrayContaining(["--privileged", "--network", "host", "drydock.installation=0badcafe"]));
  expect(calls[0]!.slice(-2)).toEqual(["node:1", "ensure"]);
  ending.splice(0).forEach((end) => end());
  await all[0];
  await finish();
  expect(await Promise.all(all)).toEqual(Array(4).fill({ up: true }));
  expect(calls).toHaveLength(2);
  expect(calls[1]!.slice(-2)).toEqual(["node:2", "ensure"]);
  const later = wall.ensure();
  await finish();
  expect(await later).toEqual({ up: true });
  expect(calls).toHaveLength(3);
});

test("where it cannot be put up the state says why, and nothing is thrown", async () => {
  const refused = helperEngine({ ensure: 1 }, "note\nnft -f -: exit status 1: Operation not permitted\n");
  const ensuring = createWall(refused.engine, "0badcafe").ensure("node:1");
  await refused.finish();
  expect(await ensuring).toEqual({ up: false, reason: "nft -f -: exit status 1: Operation not permitted" });

  const gone = { tryRun: () => Promise.reject(new Error("podman is not installed")) } as unknown as Engine;
  expect(await createWall(gone, "0badcafe").ensure("node:1")).toEqual({ up: false, reason: "podman is not installed" });
  expect(await createWall(gone, "0badcafe").ensure()).toMatchObject({ up: false });
});

test.each([
  [{ check: 0 }, 0, "ok", "up"],
  [{ check: 3, probe: 0 }, 0, "ok", "with the first"],
  [{ check: 3, probe: 0 }, 2, "warning", "missing"],
  [{ check: 4 }, 0, "warning", "not as"],
  [{ check: 3, probe: 1 }, 0, "warning", "no permission"],
  [{ check: 1 }, 1, "warning", "no permission"],
] as const)("the doctor, told %o with %d sandboxes: %s", async (answers, sandboxes, state, found) => {
  const { engine, finish } = helperEngine(answers, "no permission");
  const examining = examineWall(engine, "node:1", "0badcafe");
  await finish();
  const finding = judgeWall(await examining, sandboxes);
  expect(finding).toMatchObject({ state, found: expect.stringContaining(found) });
  expect(finding.advice !== undefined).toBe(state === "warning");
});

test.each([
  [0, true],
  [3, false],
  [127, undefined],
])("a helper that removes it and ends with %d says %s", async (status, answer) => {
  const { engine, finish } = helperEngine({ remove: status });
  const removing = removeWall(engine, "node:1", "0badcafe");
  await finish();
  expect(await removing).toBe(answer);
});
