import { DIFFERENCES } from "./differences.ts";
import type { Engine } from "./engine.ts";
import { askPodman } from "./podman-service.ts";

export interface NetworkSpec {
  name: string;
  /** CIDR. */
  subnet: string;
  /** The name of its bridge on the engine's machine, at most 15 characters. */
  bridge: string;
  labels: Readonly<Record<string, string>>;
}

/**
 * Makes a network that is closed to all others.
 * @returns undefined, or why the engine refused
 * @throws DrydockError `process.aborted`
 */
export async function tryCreateNetwork(engine: Engine, spec: NetworkSpec, signal?: AbortSignal): Promise<string | undefined> {
  const { isolation, bridgeNameArgs } = DIFFERENCES[engine.name];
  const nameArgs = bridgeNameArgs(spec.bridge, engine.version);
  if (!nameArgs) return createByService(engine, spec, isolation, signal);
  const optionArgs = Object.entries(isolation).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  const labelArgs = Object.entries(spec.labels).map(([key, value]) => `--label=${key}=${value}`);
  const args = ["network", "create", "--subnet", spec.subnet, ...optionArgs, ...nameArgs, ...labelArgs, spec.name];
  const { exitCode, stderr } = await engine.tryRun(args, { signal });
  return exitCode === 0 ? undefined : stderr.trim();
}

/**
 * An older podman takes the name of a bridge by its service alone (libpod API 4.0,
 * networks/create).
 */
async function createByService(
  engine: Engine,
  { name, subnet, bridge, labels }: NetworkSpec,
  options: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const network = {
    name,
    driver: "bridge",
    network_interface: bridge,
    subnets: [{ subnet }],
    options,
    labels,
    dns_enabled: true,
  };
  const { status, text } = await askPodman(engine, "/v4.0.0/libpod/networks/create", network, signal);
  return status === 200 ? undefined : text.trim() || `HTTP status ${status}`;
}
