import { expect, test } from "vitest";
import { Queue } from "./queue.ts";

const never = new AbortController().signal;

test("so many run at once, the others in order of arrival, told their place", async () => {
  const queue = new Queue(2);
  const order: string[] = [];
  const places: Record<string, number[]> = {};
  const finish: Record<string, () => void> = {};
  const run = (name: string, signal = never) =>
    queue.run(
      signal,
      (place) => (places[name] ??= []).push(place),
      async () => {
        order.push(name);
        await new Promise<void>((done) => (finish[name] = done));
      },
    );
  const stop = new AbortController();
  const all = [run("a"), run("b"), run("c"), run("d", stop.signal), run("e")];
  await Promise.resolve();
  expect(order).toEqual(["a", "b"]);
  stop.abort();
  await expect(all[3]).rejects.toMatchObject({ code: "process.aborted" });
  finish.b!();
  await all[1];
  await Promise.resolve();
  expect(order).toEqual(["a", "b", "c"]);
  for (const name of ["a", "c"]) finish[name]!();
  await all[0];
  await new Promise((next) => setImmediate(next));
  finish.e!();
  await Promise.all([all[2], all[4]]);
  expect(order).toEqual(["a", "b", "c", "e"]);
  expect(places.e).toEqual([3, 2, 1, 0]);
  expect(places.a).toEqual([0]);
});

test("a failure frees the place", async () => {
  const queue = new Queue(1);
  await expect(
    queue.run(
      never,
      () => undefined,
      () => Promise.reject(new Error("no")),
    ),
  ).rejects.toThrow("no");
  expect(
    await queue.run(
      never,
      () => undefined,
      async () => 7,
    ),
  ).toBe(7);
});
