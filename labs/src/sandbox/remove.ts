import { setTimeout as sleep } from "node:timers/promises";
import { DIFFERENCES } from "../engine/differences.ts";
import type { Engine } from "../engine/engine.ts";
import { DrydockError } from "../errors.ts";
import type { SandboxContext } from "./context.ts";
import { type LabelFilter, listContainers, listNetworks, listVolumes } from "./engine-objects.ts";
import { thisMaker } from "./maker.ts";
import { killOrphans } from "./orphans.ts";

const DEADLINE_MS = 60_000;
const PAUSE_MS = 200;

/**
 * Removes all of a sandbox: whole, half made or half removed already. What is interrupted here is
 * garbage for the next time. As engines change rules of the machine when they remove a network, the
 * wall around the sandboxes that are left is looked at afterwards.
 */
export async function removeSandbox({ config, engine, records, wall }: SandboxContext, id: string): Promise<void> {
  const record = await records.read(id);
  if (record) await records.markRemoving(record, await thisMaker());
  const end = Date.now() + DEADLINE_MS;
  for (;;) {
    await killOrphans(id);
    const left = await removeObjects(engine, { sandboxId: id });
    if (left.length === 0) break;
    if (Date.now() > end) throw notRemoved(engine, left);
    await sleep(PAUSE_MS);
  }
  await records.remove(id);
  const others = await listNetworks(engine, { installation: config.installation });
  if (others.length > 0) await wall.ensure(record && "image" in record ? record.image : undefined);
}

function notRemoved(engine: Engine, left: readonly string[]): DrydockError {
  return new DrydockError("sandbox.remove", `${left.join(", ")} could not be removed`, {
    advice: `See whether ${engine.name} works, then run drydock clean`,
  });
}

/**
 * Removes the containers, volumes and networks with these labels, in this order, as each is in use
 * by the one before.
 * @returns the names of those that are still there afterwards, or came up meanwhile; removing them
 * is worth another try.
 */
export async function removeObjects(engine: Engine, filter: LabelFilter): Promise<string[]> {
  const list = async (): Promise<[string[], string[], string[]]> => {
    const containers = listContainers(engine, filter).then((all) => all.map(({ name }) => name));
    return Promise.all([containers, listVolumes(engine, filter), listNetworks(engine, filter)]);
  };
  const [containers, volumes, networks] = await list();
  if (containers.length + volumes.length + networks.length === 0) return [];
  if (containers.length > 0) await engine.tryRun(["rm", "-f", "-v", ...DIFFERENCES[engine.name].killArgs, ...containers]);
  await Promise.all([
    volumes.length > 0 && engine.tryRun(["volume", "rm", "-f", ...volumes]),
    networks.length > 0 && engine.tryRun(["network", "rm", ...networks]),
  ]);
  return (await list()).flat();
}
