import { expect, test } from "vitest";
import { Pace } from "./pace.ts";
import { RecentOutput } from "./recent-output.ts";
import { Viewer, VIEWER_WINDOW_BYTES } from "./viewer.ts";

const snapshot = { data: "", cols: 80, rows: 24, bytes: 0 };
const KIB = 1024;

/** A socket that takes everything at once, unless it is told to hold it. */
class FakeSocket {
  bufferedAmount = 0;
  holds = false;
  sentBytes = 0;
  largest = 0;
  send(data: Buffer | string): void {
    if (typeof data === "string") return;
    this.sentBytes += data.length;
    this.largest = Math.max(this.largest, data.length);
    if (this.holds) this.bufferedAmount += data.length;
  }
  close(): void {}
}

const filled = (kib: number, keepKib = 4096) => {
  const output = new RecentOutput(keepKib * KIB);
  for (let n = 0; n < kib; n += 1) output.append(Buffer.alloc(KIB));
  return output;
};

test("a viewer gets no more than its window until it acknowledges", () => {
  const socket = new FakeSocket();
  const viewer = new Viewer(socket, 80, 24);
  const output = filled(2048);
  expect(viewer.pump(output)).toBe("ok");
  expect(socket.sentBytes).toBe(0);
  viewer.show(snapshot, 0);
  viewer.pump(output);
  expect(socket.sentBytes).toBe(VIEWER_WINDOW_BYTES);
  expect(socket.largest).toBeLessThanOrEqual(64 * KIB);
  viewer.acknowledge(100 * KIB);
  viewer.pump(output);
  expect(socket.sentBytes).toBe(VIEWER_WINDOW_BYTES + 100 * KIB);
  expect(viewer.acknowledge(50 * KIB)).toBe(false);
  viewer.acknowledge(Number.MAX_SAFE_INTEGER);
  expect(viewer.unackedBytes).toBe(0);
});

test("what the socket does not take is not handed to it", () => {
  const socket = new FakeSocket();
  socket.holds = true;
  const viewer = new Viewer(socket, 80, 24);
  viewer.show(snapshot, 0);
  viewer.pump(filled(2048));
  expect(socket.bufferedAmount).toBeLessThanOrEqual(192 * KIB);
});

test("a viewer that fell behind what is kept asks for a screen once it has caught up halfway, and not before", () => {
  const socket = new FakeSocket();
  const viewer = new Viewer(socket, 80, 24);
  const output = filled(1024, 1024);
  viewer.show(snapshot, 0);
  viewer.pump(output);
  for (let n = 0; n < 2048; n += 1) output.append(Buffer.alloc(KIB));
  expect(viewer.pump(output)).toBe("ok");
  viewer.acknowledge(100 * KIB);
  expect(viewer.pump(output)).toBe("ok");
  viewer.acknowledge(300 * KIB);
  expect(viewer.pump(output)).toBe("behind");
  viewer.show(snapshot, output.end - 10);
  viewer.pump(output);
  expect(socket.sentBytes).toBe(VIEWER_WINDOW_BYTES + 10);
});

test("the shell goes at the pace of the fastest viewer, and of the screen alone when nobody looks", () => {
  const viewers = new Set<Viewer>();
  const pace = new Pace(viewers, () => undefined);
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
  const pace = new Pace(new Set(), () => undefined);
  expect(pace.next(10 * KIB, 20 * KIB)).toBeUndefined();
  expect(pace.next(20 * KIB, 20 * KIB)).toBe(20 * KIB);
  expect(pace.next(20 * KIB, 20 * KIB)).toBeUndefined();
  pace.dispose();
});
