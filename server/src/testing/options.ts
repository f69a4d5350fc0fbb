import { randomUUID } from "node:crypto";
import type { ServerOptions } from "../server.ts";

/** What every server of a test is started with, beside its store, scenarios, lab and port. */
export const TEST_OPTIONS = {
  host: "127.0.0.1",
  version: "0.0.0",
  maxSandboxes: 8,
  poolSize: 0,
  freeBytes: () => 32e9,
  freeDiskBytes: () => 100e9,
  leaseMs: undefined,
  idleMs: undefined,
  lookEveryMs: 20,
  monotonicMs: () => performance.now(),
  now: () => new Date(),
  newId: randomUUID,
} satisfies Partial<ServerOptions>;
