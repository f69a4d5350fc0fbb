import { expect, test } from "vitest";
import type { NodeContainer } from "./engine-objects.ts";
import { findOrphans } from "./orphans.ts";
import type { FinishedRecord } from "./records.ts";
import { joinState } from "./state.ts";

const RECORD: FinishedRecord = {
  id: "abcd2345",
  engine: "podman",
  topology: "two-node",
  owner: "server",
  createdAt: "2026-01-01T00:00:00Z",
  state: "leased",
  leasedFor: "session-1",
};
const hosts = (...statuses: string[]): NodeContainer[] =>
  statuses.map((status, index) => ({
    name: `c${index}`,
    sandboxId: "abcd2345",
    owner: "server",
    host: index === 0 ? "controlplane" : "node01",
    status,
  }));

test.each([
  ["both run", hosts("running", "running"), "leased", false],
  ["both are paused", hosts("paused", "paused"), "leased", true],
  ["a freeze was interrupted", hosts("paused", "running"), "leased", false],
  ["one has exited", hosts("running", "exited"), "lost", false],
  ["one is gone", hosts("running"), "lost", false],
  ["all are gone", [], "lost", false],
])("a finished sandbox when %s", (_, containers, state, frozen) => {
  expect(joinState("abcd2345", RECORD, containers)).toMatchObject({ state, frozen, leasedFor: "session-1" });
});

test("an unfinished one is creating however many of its hosts run, and never leased", () => {
  const { leasedFor: _, ...rest } = RECORD;
  for (const state of ["creating", "removing"] as const) {
    const record = { ...rest, state, maker: { pid: 1, startedAt: "" } };
    expect(joinState("abcd2345", record, hosts("running", "running"))).toMatchObject({ state: "creating" });
  }
});

test("containers without a record are creating, and their owner is the one on the label", () => {
  expect(joinState("abcd2345", undefined, hosts("running"))).toMatchObject({ state: "creating", owner: "server" });
});

test("orphans are the programs that name the sandbox, never a container's monitor", () => {
  const ps = `
    10 kind            /x/kind create cluster --name drydock-abcd2345
    11 podman          podman run --name drydock-abcd2345-worker image
    12 podman          /bin/sh /data/kind/podman exec drydock-abcd2345-worker true
    13 conmon          /usr/bin/conmon -n drydock-abcd2345-worker
    14 kind            /x/kind create cluster --name drydock-zzzz2345
    15 node            node drydock-abcd2345
`;
  expect(findOrphans(ps, "abcd2345")).toEqual([10, 11, 12]);
});
