import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pace } from "./pace.ts";
import { FakeSocket, filled, KIB, snapshot } from "./testing/fake-viewer.ts";
import { Viewer } from "./viewer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the shell goes at the pace of the fastest viewer, and of the screen alone when nobody looks", () => {
  const viewers = new Set<Viewer>();
  const pace = new Pace({ viewers, givesWay: () => false, onRoom: () => undefined });
  expect(pace.next(10_000_000, 10_000_000)).toBe(10_000_000);
  pace.restart(0);
  const slow = new Viewer(new FakeSocket(), 80, 24);
  const fast = new Viewer(new FakeSocket(), 80, 24);
  for (const viewer of [slow, fast]) {
    viewers.add(viewer);
    viewer.show(snapshot, 0);
    viewer.pump(filled(2048));
  }
  expect(pace.next(10_000_000, 10_000_000)).toBe(256 * KIB);
  fast.acknowledge(300 * KIB);
  expect(pace.next(10_000_000, 10_000_000)).toBe(556 * KIB);
  expect(pace.next(10_000_000, 10_000_000)).toBeUndefined();
  fast.stalled = slow.stalled = true;
  expect(pace.next(10_000_000, 10_000_000)).toBe(10_000_000);
  pace.dispose();
});

test("acknowledgements are gathered, except at the end of the output", () => {
  const pace = new Pace({ viewers: new Set(), givesWay: () => false, onRoom: () => undefined });
  expect(pace.next(10 * KIB, 20 * KIB)).toBeUndefined();
  expect(pace.next(20 * KIB, 20 * KIB)).toBe(20 * KIB);
  expect(pace.next(20 * KIB, 20 * KIB)).toBeUndefined();
  pace.dispose();
});

test("while it gives way a little is acknowledged in each turn, and all at once when it need not any more", () => {
  let givesWay = true;
  const acked: (number | undefined)[] = [];
  const next = () => acked.push(pace.next(10_000 * KIB, 10_000 * KIB));
  const pace = new Pace({ viewers: new Set(), givesWay: () => givesWay, onRoom: next });
  next();
  next();
  expect(acked).toEqual([32 * KIB, undefined]);
  vi.advanceTimersByTime(80);
  expect(acked.slice(2)).toEqual([64 * KIB, 96 * KIB]);
  givesWay = false;
  vi.advanceTimersByTime(40);
  expect(acked.slice(4)).toEqual([10_000 * KIB]);
  vi.advanceTimersByTime(1000);
  expect(acked).toHaveLength(5);
});

test("one that gives way and has nothing to acknowledge waits for nothing", () => {
  const pace = new Pace({ viewers: new Set(), givesWay: () => true, onRoom: () => undefined });
  expect(pace.next(10 * KIB, 10 * KIB)).toBe(10 * KIB);
  vi.advanceTimersByTime(40);
  expect(pace.next(10 * KIB, 10 * KIB)).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});
