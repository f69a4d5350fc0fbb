import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { DrydockError } from "../errors.ts";
import { type Maker, makerSchema } from "./maker.ts";
import { isSandboxId } from "./names.ts";
import { type Owner, TOPOLOGIES, type Topology } from "./provider.ts";

const commonSchema = z.object({
  id: z.string(),
  /** The engine that has it: a record means nothing to the other one. */
  engine: z.enum(["docker", "podman"]),
  topology: z.enum(Object.keys(TOPOLOGIES) as [Topology, ...Topology[]]),
  owner: z.enum(["server", "cli", "test"]) satisfies z.ZodType<Owner>,
  createdAt: z.string(),
});
/**
 * A sandbox in the making, or on its way out, belongs to a living process: when that has died, it
 * is garbage.
 */
const unfinishedSchema = commonSchema.extend({ state: z.enum(["creating", "removing"]), maker: makerSchema });
const finishedSchema = commonSchema.extend({
  state: z.enum(["ready", "leased"]),
  leasedFor: z.string().optional(),
  image: z.string().optional(),
  userNamespaces: z.boolean().optional(),
});
const recordSchema = z.discriminatedUnion("state", [unfinishedSchema, finishedSchema]);

export type UnfinishedRecord = z.infer<typeof unfinishedSchema>;
export type FinishedRecord = z.infer<typeof finishedSchema>;
export type StoredRecord = z.infer<typeof recordSchema>;

/**
 * The records of this installation: `<dataDir>/sandboxes/<id>/sandbox.json` beside the sandbox's
 * other files. A record is replaced as a whole by a rename, so that a reader and a `kill -9` see
 * the old one or the new one. Its folder is made before the first engine object of a sandbox and
 * removed after the last.
 */
export class Records {
  readonly #root: string;

  constructor(dataDir: string) {
    this.#root = join(dataDir, "sandboxes");
  }

  /**
   * The folder of a sandbox. Ids come from outside too: what is no id never becomes a path.
   * @throws DrydockError `sandbox.unknown`
   */
  folder(id: string): string {
    if (!isSandboxId(id)) throw new DrydockError("sandbox.unknown", `There is no sandbox ${id}`);
    return join(this.#root, id);
  }

  async write(record: StoredRecord): Promise<void> {
    const path = join(this.folder(record.id), "sandbox.json");
    await mkdir(this.folder(record.id), { recursive: true, mode: 0o700 });
    const unfinished = `${path}.${process.pid}`;
    await writeFile(unfinished, JSON.stringify(record, null, 2) + "\n", { flush: true });
    await rename(unfinished, path);
  }

  /** Undefined when there is none, or one that nobody can read any more. */
  async read(id: string): Promise<StoredRecord | undefined> {
    const text = await readFile(join(this.folder(id), "sandbox.json"), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return recordSchema.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  /** Begins to take a sandbox away: from now on it is garbage as soon as `maker` dies. */
  async markRemoving(record: StoredRecord, maker: Maker): Promise<void> {
    const { id, engine, topology, owner, createdAt } = record;
    await this.write({ id, engine, topology, owner, createdAt, state: "removing", maker });
  }

  /** Ids of all folders, with or without a record. */
  async ids(): Promise<string[]> {
    return (await readdir(this.#root).catch(() => [])).filter(isSandboxId).sort();
  }

  async remove(id: string): Promise<void> {
    await rm(this.folder(id), { recursive: true, force: true });
  }
}
