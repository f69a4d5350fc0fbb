import { labelArgs, type Labels } from "./labels.ts";
import { limitArgs, limitsOf } from "./limits.ts";
import { TOPOLOGIES, type Topology } from "./provider.ts";
import type { Subnet } from "./subnets.ts";
import { userNamespaceArgs } from "./user-namespace.ts";

export interface NodeSpec {
  labels: Labels;
  topology: Topology;
  subnet: Subnet;
  /** An engine refuses to give more CPUs than it has. */
  engineCpus: number;
  /** See CreateOptions.inBackground. */
  inBackground?: boolean;
  /**
   * What gives a node its cgroups ({@link delegateArgs}) where it gets a user namespace; undefined:
   * it gets none.
   */
  delegate?: readonly string[];
}

/**
 * What is added to kind's own options of `run` for a node: labels, limits, names and addresses.
 * These are fixed, so that they outlast a stop and every host knows every other with no name
 * server.
 */
export function nodeArgs({ labels, topology, subnet, engineCpus, inBackground, delegate }: NodeSpec, host: string): string[] {
  const hosts: readonly string[] = TOPOLOGIES[topology];
  const others = hosts.filter((other) => other !== host);
  return [
    ...labelArgs("node", labels, host),
    ...limitArgs(limitsOf(host), engineCpus, inBackground),
    ...(delegate ? userNamespaceArgs(subnet) : []),
    `--hostname=${host}`,
    `--network-alias=${host}`,
    `--ip=${addressOf({ topology, subnet }, host)}`,
    ...others.map((other) => `--add-host=${other}:${addressOf({ topology, subnet }, other)}`),
  ];
}

/** The address of a host in its sandbox's network. */
export function addressOf({ topology, subnet }: Pick<NodeSpec, "topology" | "subnet">, host: string): string {
  return subnet.hostAddress((TOPOLOGIES[topology] as readonly string[]).indexOf(host));
}
