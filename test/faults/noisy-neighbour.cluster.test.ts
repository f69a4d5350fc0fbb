import { existsSync, statfsSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { percentile } from "../bench/figure.ts";
import { echoTimes, PATIENCE_MS } from "./support/echo-times.ts";
import { MOST_FILLED_MIB, NOISES, NoisyNeighbour } from "./support/noisy-neighbour.ts";

/** How fast the echo is meanwhile is the matter of `npm run bench -- noise`. */
const KEYS = 200;
/** What a log flood may leave on the disk, the kubelet's rotation being what it is. */
const MOST_LOGS_BYTES = 1024 ** 3;

// A test that ran out of time would go on beside the next one, and be disturbed by it.
vi.setConfig({ testTimeout: 600_000 });

let neighbour: NoisyNeighbour;
beforeAll(async () => {
  neighbour = await NoisyNeighbour.start();
});
afterAll(() => neighbour?.end());
// Whatever goes on in there ends with the sandbox.
afterEach(() => neighbour.hush());

/** The other learner types on and is served while the noise goes on. */
async function expectOneStaysServed(what: keyof typeof NOISES, whileItLasts: () => Promise<void> = async () => undefined) {
  const noise = NOISES[what];
  const before = await neighbour.make(noise);
  const times = await echoTimes(neighbour.window, KEYS);
  console.log(`${what}: p99 of the echo ${percentile(times, 0.99).toFixed(1)} ms, longest ${Math.max(...times).toFixed(1)} ms`);
  expect(times.filter((ms) => ms >= PATIENCE_MS)).toEqual([]);
  expect(neighbour.window.closeCode).toBeUndefined();
  expect((await neighbour.quiet.see()).state).toBe("ready");
  expect((await neighbour.quiet.client.get("/api/scenarios")).status).toBe(200);
  await neighbour.expectNoise(noise, before);
  await whileItLasts();
}

test("a fork bomb stays in its sandbox", () => expectOneStaysServed("fork bomb"));

test("a memory hog stays in its sandbox", async () => {
  await expectOneStaysServed("memory hog");
  // Where the engine's monitors note it is not the folder that the server was started in.
  expect(existsSync("oom")).toBe(false);
});

test("a disk filler stays in its sandbox", async () => {
  const { bavail, bsize } = statfsSync("/");
  expect(bavail * bsize, "room on this machine for the trial").toBeGreaterThan(3 * MOST_FILLED_MIB * 1024 * 1024);
  await expectOneStaysServed("disk filler");
});

test("a log flood stays in its sandbox, and the kubelet keeps it short", () =>
  expectOneStaysServed("log flood", async () => {
    const left = await neighbour.logBytes();
    console.log(`the flood takes ${(left / 1e6).toFixed(0)} MB of logs`);
    expect(left).toBeLessThan(MOST_LOGS_BYTES);
  }));
