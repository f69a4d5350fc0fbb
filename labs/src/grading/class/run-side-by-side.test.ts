import { expect, it } from "vitest";
import { runSideBySide } from "./run-side-by-side.ts";

/** Work whose end is told by the test. */
function createWork() {
  const begun: string[] = [];
  const ends = new Map<string, { resolve: () => void; reject: (error: Error) => void; giveWay: () => void }>();
  const work = (item: string, giveWay: () => void) =>
    new Promise<void>((resolve, reject) => {
      begun.push(item);
      ends.set(item, { resolve, reject, giveWay });
    });
  return { begun, work, end: (item: string) => ends.get(item)! };
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

it("begins the next, in order, when one ends", async () => {
  const { begun, work, end } = createWork();
  const all = runSideBySide(["a", "b", "c"], { jobs: 2, most: 9 }, work);
  expect(begun).toEqual(["a", "b"]);
  end("b").resolve();
  await settled();
  expect(begun).toEqual(["a", "b", "c"]);
  end("a").resolve();
  end("c").resolve();
  await all;
});

it("one that only waits holds up no other, as long as there is room", async () => {
  const { begun, work, end } = createWork();
  const all = runSideBySide(["hangs", "hangs too", "b", "c"], { jobs: 1, most: 2 }, work);
  expect(begun).toEqual(["hangs"]);
  end("hangs").giveWay();
  expect(begun).toEqual(["hangs", "hangs too"]);
  end("hangs too").giveWay();
  expect(begun).toHaveLength(2);
  end("hangs too").resolve();
  await settled();
  expect(begun).toEqual(["hangs", "hangs too", "b"]);
  // What gave way and has ended now is not counted twice.
  end("hangs").resolve();
  await settled();
  expect(begun).toHaveLength(3);
  end("b").resolve();
  await settled();
  end("c").resolve();
  await all;
});

it("begins nothing after a failure or an abort, and ends when all that was begun has ended", async () => {
  const { begun, work, end } = createWork();
  const failing = runSideBySide(["a", "b", "c"], { jobs: 2, most: 2 }, work);
  end("a").reject(new Error("first"));
  await settled();
  expect(begun).toEqual(["a", "b"]);
  end("b").reject(new Error("second"));
  await expect(failing).rejects.toThrow("first");

  const aborting = new AbortController();
  const other = createWork();
  const aborted = runSideBySide(["x", "y"], { jobs: 1, most: 1, signal: aborting.signal }, other.work);
  aborting.abort(new Error("stop"));
  other.end("x").resolve();
  await expect(aborted).rejects.toThrow("stop");
  expect(other.begun).toEqual(["x"]);
});

it("no items are done at once", async () => {
  await runSideBySide([], { jobs: 2, most: 2 }, () => Promise.reject(new Error("none")));
});
