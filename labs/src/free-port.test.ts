import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test, vi } from "vitest";
import { freePublishedPort } from "./free-port.ts";

const random = vi.hoisted(() => ({ ports: [] as number[] }));
vi.mock("node:crypto", async (original) => {
  const crypto = await original<typeof import("node:crypto")>();
  return { ...crypto, randomInt: (from: number, to: number) => random.ports.shift() ?? crypto.randomInt(from, to) };
});

test("a published port is none that the system would give to somebody else, and none that is taken", async () => {
  const port = await freePublishedPort();
  expect(port).toBeGreaterThanOrEqual(20_000);
  expect(port).toBeLessThan(30_000);
  const taken = createServer().listen(port, "127.0.0.1");
  await once(taken, "listening");
  random.ports.push(port);
  expect(await freePublishedPort()).not.toBe(port);
  expect(random.ports).toEqual([]);
  taken.close();
});
