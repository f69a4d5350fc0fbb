import type { NodeContainer } from "./engine-objects.ts";
import { type Owner, type SandboxRecord, TOPOLOGIES } from "./provider.ts";
import type { StoredRecord } from "./records.ts";

/**
 * What a sandbox is, from what the engine has of it and what its record says.
 * - finished record, all hosts running or paused: as the record says; frozen when all are paused
 * - finished record otherwise: `lost`
 * - unfinished record, or containers without a record: `creating`; {@link collectGarbage} decides
 *   whether its maker lives
 */
export function joinState(id: string, record: StoredRecord | undefined, containers: readonly NodeContainer[]): SandboxRecord {
  const frozen = containers.length > 0 && containers.every(({ status }) => status === "paused");
  if (!record) {
    const topology = containers.length > 1 ? "two-node" : "single-node";
    return { id, topology, owner: (containers[0]?.owner ?? "test") as Owner, state: "creating", frozen, createdAt: "" };
  }
  const { topology, owner, createdAt } = record;
  if ("maker" in record) return { id, topology, owner, state: "creating", frozen, createdAt };
  const alive = new Set(containers.filter(({ status }) => status === "running" || status === "paused").map(({ host }) => host));
  const state = TOPOLOGIES[topology].every((host) => alive.has(host)) ? record.state : "lost";
  return { id, topology, owner, state, frozen, createdAt, leasedFor: record.leasedFor };
}
