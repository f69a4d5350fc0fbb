import { availableParallelism } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { isRunning, startModule } from "../process.ts";
import { createLoad, parseLoad } from "./load.ts";

vi.setConfig({ testTimeout: 60_000 });
const anyRuns = (pids: number[]) => pids.some((pid) => isRunning(pid));

it("has its processes while work is done, side by side too, and none afterwards", async () => {
  const load = createLoad(1);
  let endFirst = () => {};
  const first = load.during(() => new Promise<void>((resolve) => (endFirst = resolve)));
  const pids = load.pids();
  expect(pids).toHaveLength(availableParallelism());
  await expect(load.during(() => Promise.reject(new Error("broken work")))).rejects.toThrow("broken work");
  expect(load.pids()).toEqual(pids);
  expect(pids.every((pid) => isRunning(pid))).toBe(true);
  endFirst();
  await first;
  expect(load.pids()).toEqual([]);
  expect(anyRuns(pids)).toBe(false);
});

it("ends with the process that started it, even where that is killed", async () => {
  const text = `
    import { createLoad } from ${JSON.stringify(join(import.meta.dirname, "load.ts"))};
    const load = createLoad(1);
    void load.during(() => new Promise(() => setInterval(() => {}, 1000)));
    process.send(load.pids());`;
  const pids = await new Promise<number[]>((resolve, reject) => {
    const parent = startModule({ text }, [], {
      env: { PATH: process.env.PATH! },
      nodeOptions: ["--import", "tsx"],
      onMessage: (message) => {
        if (!anyRuns(message as number[])) reject(new Error("no load was started"));
        process.kill(parent.pid!, "SIGKILL");
        resolve(message as number[]);
      },
      onOutput: (chunk) => reject(new Error(chunk.toString())),
      onExit: () => undefined,
    });
  });
  expect(pids).toHaveLength(availableParallelism());
  await vi.waitFor(() => expect(anyRuns(pids)).toBe(false), { timeout: 30_000 });
});

it.each(["0", "-1", "1.5", "many", "", "1000"])("refuses %j for a load", (text) => {
  expect(() => parseLoad(text)).toThrow(expect.objectContaining({ code: "cli.load" }));
});
