import { randomBytes } from "node:crypto";
import { TOPOLOGIES, type Topology } from "./provider.ts";

/**
 * Every object of the sandbox `id` is named after it: `drydock-<id>`, `drydock-<id>-<…>`. Ids hold
 * no dash.
 */
const PREFIX = "drydock-";
const ID_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

/** A new id of 8 characters (40 bits) that can be told from one another by eye. */
export function newSandboxId(): string {
  return [...randomBytes(8)].map((byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join("");
}

export function isSandboxId(text: string): boolean {
  return /^[a-z0-9]{8}$/.test(text);
}

/** The id in the name of an object, undefined when it is not named by this project. */
export function sandboxIdOf(objectName: string): string | undefined {
  return /^\/?drydock-([a-z0-9]{8})(?:-|$)/.exec(objectName)?.[1];
}

/** The network, and kind's name of the cluster. */
export function clusterName(id: string): string {
  return PREFIX + id;
}

/**
 * kind v0.33 names the nodes itself: `<cluster>-control-plane`, `<cluster>-worker`,
 * `<cluster>-worker2`, … in the order of its configuration.
 */
export function containerName(id: string, topology: Topology, host: string): string | undefined {
  const index = (TOPOLOGIES[topology] as readonly string[]).indexOf(host);
  if (index < 0) return undefined;
  const role = index === 0 ? "control-plane" : index === 1 ? "worker" : `worker${index}`;
  return `${clusterName(id)}-${role}`;
}

/** The volume that holds a node's /var. */
export function volumeName(container: string): string {
  return `${container}-var`;
}
