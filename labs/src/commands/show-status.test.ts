import { expect, test } from "vitest";
import type { ServerStatus } from "../status/server-status.ts";
import { showMachine, showServer } from "./show-status.ts";

const STATUS: ServerStatus = {
  url: "http://127.0.0.1:8080",
  pid: 42,
  version: "1.2.3",
  startedAt: "2026-01-01T00:00:00.000Z",
  sandboxes: [
    { state: "leased", frozen: false, count: 2 },
    { state: "ready", frozen: true, count: 1 },
  ],
  sandboxesSeenAt: "2026-01-01T00:03:16.000Z",
  sessions: { ready: 2, preparing: 1, failed: 0 },
  queued: 1,
  terminals: { open: 3, windows: 2, outputBytes: 12_345 },
  durations: {
    lease: [{ labels: { source: "made" }, count: 3, p50: { seconds: 14, orMore: false }, p95: { seconds: 600, orMore: true } }],
    setUp: [],
    check: [
      {
        labels: { scenario: "static-pod", verdict: "failed" },
        count: 7,
        p50: { seconds: 0.35, orMore: false },
        p95: { seconds: 1, orMore: false },
      },
    ],
  },
  errors: { "capacity.full": 4 },
};

test("a server's status is lines for a person, with the age of what the engine said, and estimates that say so", () => {
  expect(showServer(STATUS, new Date("2026-01-01T00:03:20.000Z"))).toEqual([
    "Drydock 1.2.3 at http://127.0.0.1:8080 (process 42, started 3 min 20 s ago)",
    "",
    "Sandboxes  2 leased, 1 ready and frozen, as the engine said 4.0 s ago",
    "Sessions   2 ready, 1 preparing",
    "Queue      1 waiting",
    "Terminals  3 open, 2 windows, 12.3 kB of output",
    "Errors     4 capacity.full",
    "",
    "Durations (p50 and p95 are estimates)  count  p50           p95",
    "request to ready session (made)        3      about 14.0 s  more than 10 min 0 s",
    "check of static-pod, failed            7      about 350 ms  about 1.0 s",
  ]);
});

test("a server that has done nothing yet says so", () => {
  const idle = { ...STATUS, sandboxes: [], sandboxesSeenAt: undefined, sessions: {}, queued: 0, errors: {} };
  const lines = showServer({ ...idle, durations: { lease: [], setUp: [], check: [] } }, new Date());
  expect(lines).toContain("Sandboxes  none, the engine did not say yet");
  expect(lines).toContain("Queue      nobody waits");
  expect(lines.at(-1)).toBe("Durations: nothing was measured yet");
});

test("sandboxes of a machine without a server are told with owner, memory and disk", () => {
  const common = { topology: "two-node", createdAt: "", frozen: false } as const;
  const lines = showMachine({
    engine: "podman 4.3.1",
    sandboxes: [
      { ...common, id: "abcd2345", owner: "cli", state: "leased", leasedFor: "static-pod", memoryBytes: 570e6, diskBytes: 140e6 },
      { ...common, id: "efgh6789", owner: "server", state: "ready", frozen: true, memoryBytes: 1.2e9 },
    ],
  });
  expect(lines).toEqual([
    "Sandbox   owner   state          topology  memory  disk    for",
    "abcd2345  cli     leased         two-node  570 MB  140 MB  static-pod",
    "efgh6789  server  ready, frozen  two-node  1.2 GB  ?       -",
  ]);
  expect(showMachine({ engine: undefined, sandboxes: [] })).toEqual(["There is no container engine, so there are no sandboxes"]);
});
