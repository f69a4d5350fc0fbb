import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DIFFERENCES } from "../engine/differences.ts";
import { Progress } from "../progress.ts";
import type { SandboxContext } from "./context.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { thisMaker } from "./maker.ts";
import { containerName, newSandboxId } from "./names.ts";
import { createNetwork } from "./network.ts";
import { giveKubectlAccess, keepApart, letRootIn } from "./prepare-hosts.ts";
import { type CreateOptions, TOPOLOGIES } from "./provider.ts";
import { removeSandbox } from "./remove.ts";
import { runKind } from "./run-kind.ts";
import { writeShim } from "./shim.ts";
import { waitUntilReady } from "./wait-ready.ts";

/** Makes a sandbox from nothing and returns its id. Whatever fails, or an abort, leaves nothing behind. */
export async function createSandbox(context: SandboxContext, options: CreateOptions): Promise<string> {
  const { config, engine, records } = context;
  const { topology, owner, signal, progress = new Progress() } = options;
  const [image, kindPath] = await Promise.all([context.nodeImage(), context.kindPath()]);
  signal?.throwIfAborted();
  const id = newSandboxId();
  const labels = { id, installation: config.installation, owner };
  const base = { id, engine: engine.name, topology, owner, createdAt: new Date().toISOString() };
  const folder = join(records.folder(id), "kind");
  const containers = TOPOLOGIES[topology].map((host) => containerName(id, topology, host)!);
  const controlplane = containers[0]!;

  await records.write({ ...base, state: "creating", maker: await thisMaker() });
  try {
    const env = await progress.phase({ id: "sandbox-network", title: "Making its network", estimateMs: 500 }, async () => {
      const [subnet, cpus] = await Promise.all([
        createNetwork(engine, labels, signal),
        readCpus(context),
        context.makeRoom(image),
      ]);
      return writeShim({ folder, engine, engineCpus: cpus, labels, topology, subnet });
    });
    await progress.phase({ id: "sandbox-cluster", title: "Starting the cluster", estimateMs: 22_000 }, (report) =>
      runKind({ kindPath, image, id, topology, folder, env, signal }, report),
    );
    await progress.phase({ id: "sandbox-ready", title: "Waiting until its nodes are ready", estimateMs: 5000 }, () =>
      Promise.all([
        letRootIn(engine, containers, signal),
        keepApart(engine, containers, signal),
        giveKubectlAccess(engine, containers, signal),
        writeKubeconfig(engine, controlplane, join(records.folder(id), "kubeconfig"), signal),
        waitUntilReady(engine, controlplane, signal),
      ]),
    );
    await rm(folder, { recursive: true });
    signal?.throwIfAborted();
    await records.write({
      ...base,
      ...(options.leasedFor ? { state: "leased", leasedFor: options.leasedFor } : { state: "ready" }),
    });
    return id;
  } catch (error) {
    await removeSandbox(context, id);
    throw error;
  }
}

async function readCpus({ engine }: SandboxContext): Promise<number> {
  return Number(await engine.run(["info", "--format", DIFFERENCES[engine.name].cpusTemplate])) || 1;
}
