import { expect, test } from "vitest";
import { FakeSocket, filled, KIB, snapshot } from "./testing/fake-viewer.ts";
import { Viewer, VIEWER_WINDOW_BYTES } from "./viewer.ts";

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
