import { ACK_EVERY_BYTES, MAX_CLIENT_FRAME_BYTES } from "@drydock/server/contract";
import { describe, expect, it } from "vitest";
import { FlowCounter, INPUT_FRAME_BYTES, retryDelayMs, splitInput } from "./flow.ts";

describe("the flow counter", () => {
  it("is silent until enough is painted, then says all that was", () => {
    const flow = new FlowCounter();
    expect(flow.paint(ACK_EVERY_BYTES - 1)).toBeUndefined();
    expect(flow.paint(11)).toBe(ACK_EVERY_BYTES + 10);
    expect(flow.paint(10)).toBeUndefined();
    expect(flow.paint(3 * ACK_EVERY_BYTES)).toBe(4 * ACK_EVERY_BYTES + 20);
  });

  it("never leaves as much unacknowledged as the step", () => {
    const flow = new FlowCounter();
    let painted = 0;
    let acknowledged = 0;
    for (let i = 1; i < 2000; i++) {
      painted += i;
      acknowledged = flow.paint(i) ?? acknowledged;
      expect(painted - acknowledged).toBeLessThan(ACK_EVERY_BYTES);
    }
  });
});

describe("splitting input", () => {
  it("keeps every byte in order, in frames that the server takes", () => {
    const input = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
    const frames = splitInput(input);
    expect(frames.map((frame) => frame.length)).toEqual([INPUT_FRAME_BYTES, INPUT_FRAME_BYTES, 300_000 - 2 * INPUT_FRAME_BYTES]);
    expect(Buffer.concat(frames).equals(Buffer.from(input))).toBe(true);
    expect(INPUT_FRAME_BYTES).toBeLessThanOrEqual(MAX_CLIENT_FRAME_BYTES);
  });

  it("sends nothing for nothing", () => expect(splitInput(new Uint8Array())).toEqual([]));
});

it("waits longer with each try, but never more than some seconds", () => {
  const delays = [0, 1, 2, 3, 10, 50].map((tries) => retryDelayMs(tries, () => 0.5));
  expect(delays).toEqual([...delays].sort((a, b) => a - b));
  expect(delays[0]).toBe(200);
  expect(delays.at(-1)).toBe(5000);
});
