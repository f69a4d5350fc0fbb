import { join } from "node:path";
import { Progress } from "../progress.ts";
import type { SandboxContext } from "./context.ts";
import { thisMaker } from "./maker.ts";
import { containerName, newSandboxId } from "./names.ts";
import { createNetwork } from "./network.ts";
import type { NodeSpec } from "./node-args.ts";
import { type CreateOptions, TOPOLOGIES } from "./provider.ts";
import { removeSandbox } from "./remove.ts";
import { delegateArgs, requireUserNamespaces } from "./user-namespace.ts";

/** A sandbox in the making: it has a record that says so, and its network. */
export interface Making extends NodeSpec {
  readonly context: SandboxContext;
  readonly id: string;
  /** Reference of the node image. */
  readonly image: string;
  /** For what is needed only until it is made. */
  readonly folder: string;
  /** Names of its containers, in the order of the topology's hosts: the control plane first. */
  readonly containers: readonly string[];
  readonly createdAt: string;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Gives a new sandbox, so far a record and a network, to `work`. Whatever fails, or an abort,
 * leaves nothing behind.
 */
export async function whileMaking<T>(
  context: SandboxContext,
  options: Omit<CreateOptions, "leasedFor">,
  work: (making: Making) => Promise<T>,
): Promise<T> {
  const { config, engine, records } = context;
  const { topology, owner, signal, progress = new Progress(), inBackground } = options;
  if (config.userNamespaces) requireUserNamespaces(engine);
  const image = await context.nodeImage();
  const delegate = config.userNamespaces ? delegateArgs(image, config.installation) : undefined;
  signal?.throwIfAborted();
  const id = newSandboxId();
  const labels = { id, installation: config.installation, owner };
  const createdAt = new Date().toISOString();
  // Beside all that follows: the rules need to know nothing of the sandbox, which is in nobody's
  // hands before it is made.
  const walled = context.wall.ensure(image);
  await records.write({ id, engine: engine.name, topology, owner, createdAt, state: "creating", maker: await thisMaker() });
  try {
    const [subnet, engineCpus] = await progress.phase(
      { id: "sandbox-network", title: "Making its network", estimateMs: 500 },
      () => Promise.all([createNetwork(engine, labels, signal), context.engineCpus(), context.makeRoom(image)]),
    );
    const containers = TOPOLOGIES[topology].map((host) => containerName(id, topology, host)!);
    const folder = join(records.folder(id), "making");
    const result = await work({
      ...{ context, id, image, folder, containers, createdAt, progress, signal },
      ...{ labels, topology, subnet, engineCpus, inBackground, delegate },
    });
    await walled;
    return result;
  } catch (error) {
    await removeSandbox(context, id);
    throw error;
  }
}
