import { stat } from "node:fs/promises";
import type { SandboxContext } from "./context.ts";
import { listContainers, listSandboxIds } from "./engine-objects.ts";
import { isAlive } from "./maker.ts";
import type { Owner } from "./provider.ts";
import { removeSandbox } from "./remove.ts";

/**
 * A folder without a record is that of somebody who is just about to write it, or of somebody who
 * died there.
 */
const NEWBORN_MS = 60_000;

/**
 * Removes what nobody owns any more and returns the ids. The engine is asked before the records are
 * read: whoever makes a sandbox does it the other way round, so that an object without a record
 * belongs to nobody.
 */
export async function collectGarbage(context: SandboxContext, owner: Owner): Promise<string[]> {
  const { config, engine, records } = context;
  const filter = { installation: config.installation, owner };
  const withObjects = await listSandboxIds(engine, filter);
  const withContainers = new Set((await listContainers(engine, filter)).map(({ sandboxId }) => sandboxId));
  const removed: string[] = [];
  for (const id of new Set([...withObjects, ...(await records.ids())])) {
    if (!(await isGarbage(context, owner, id, withObjects.has(id), withContainers.has(id)))) continue;
    await removeSandbox(context, id);
    removed.push(id);
  }
  return removed;
}

async function isGarbage(
  { engine, records }: SandboxContext,
  owner: Owner,
  id: string,
  hasObjects: boolean,
  hasContainers: boolean,
): Promise<boolean> {
  const record = await records.read(id);
  if (!record) return hasObjects || (await isOlderThan(records.folder(id), NEWBORN_MS));
  if (record.owner !== owner || record.engine !== engine.name) return false;
  if ("maker" in record) return !(await isAlive(record.maker));
  // Finished, but the engine had none of its containers: look again, as it may have been finished
  // since.
  return !hasContainers && (await listContainers(engine, { sandboxId: id })).length === 0;
}

async function isOlderThan(path: string, ageMs: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > ageMs;
}
