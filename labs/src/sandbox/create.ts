import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { SandboxContext } from "./context.ts";
import { finishClone, startClone } from "./golden/clone.ts";
import { findGolden, type Golden } from "./golden/golden.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { type Making, whileMaking } from "./making.ts";
import { CPU_SHARES } from "./limits.ts";
import { giveKubectlAccess, letRootIn } from "./prepare-hosts.ts";
import type { CreateOptions } from "./provider.ts";
import { runKind } from "./run-kind.ts";
import { waitUntilReady } from "./wait-ready.ts";

const STARTING = { id: "sandbox-cluster", title: "Starting the cluster" };
const WAITING = { id: "sandbox-ready", title: "Waiting until its nodes are ready" };

/**
 * Makes a sandbox and returns its id: a copy of the golden cluster where there is one, else by kind
 * from nothing. Whatever fails, or an abort, leaves nothing behind.
 */
export async function createSandbox(context: SandboxContext, options: CreateOptions): Promise<string> {
  return whileMaking(context, options, async (making) => {
    const { id, topology } = making;
    const golden = await findGolden(context, making.image, topology);
    await (golden ? copyCluster(making, golden) : makeCluster(making));
    await rm(making.folder, { recursive: true, force: true });
    if (options.inBackground) await takePart(making);
    making.signal?.throwIfAborted();
    await context.records.write({
      ...{ id, engine: context.engine.name, topology, owner: options.owner, createdAt: making.createdAt, image: making.image },
      userNamespaces: making.delegate !== undefined,
      ...(options.leasedFor ? { state: "leased", leasedFor: options.leasedFor } : { state: "ready" }),
    });
    return id;
  });
}

/**
 * What was made in the background has the weight of all others from now on. podman changes one
 * container at a time.
 */
async function takePart({ context, containers }: Making): Promise<void> {
  const weigh = (container: string) => context.engine.run(["update", `--cpu-shares=${CPU_SHARES}`, container]);
  await Promise.all(containers.map(weigh));
}

async function makeCluster(making: Making): Promise<void> {
  const { context, containers, progress, signal } = making;
  const { engine } = context;
  await progress.phase({ ...STARTING, estimateMs: 22_000 }, (report) => runKind(making, report));
  await progress.phase({ ...WAITING, estimateMs: 5000 }, () =>
    Promise.all([
      letRootIn(engine, containers, signal),
      giveKubectlAccess(engine, containers, signal),
      writeKubeconfig(engine, containers[0]!, kubeconfigPath(making), signal),
      waitUntilReady(engine, containers[0]!, signal),
    ]),
  );
}

async function copyCluster(making: Making, golden: Golden): Promise<void> {
  const { context, containers, progress, signal } = making;
  await progress.phase({ ...STARTING, estimateMs: 3000 }, () => startClone(making, golden, kubeconfigPath(making)));
  await progress.phase({ ...WAITING, estimateMs: 7000 }, async () => {
    await finishClone(making);
    await waitUntilReady(context.engine, containers[0]!, signal);
  });
}

function kubeconfigPath({ context, id }: Making): string {
  return join(context.records.folder(id), "kubeconfig");
}
