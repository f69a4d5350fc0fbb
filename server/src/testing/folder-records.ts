import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SandboxRecord } from "../../../labs/src/sandbox/provider.ts";
import type { Records } from "./fake-lab.ts";

/** Records of the fake engine as files, so that they outlive a server that is killed. */
export class FolderRecords implements Records {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  #path(id: string): string {
    return join(this.#dir, `${id}.json`);
  }

  get(id: string): SandboxRecord | undefined {
    try {
      return JSON.parse(readFileSync(this.#path(id), "utf8")) as SandboxRecord;
    } catch {
      return undefined;
    }
  }

  set(id: string, record: SandboxRecord): never {
    writeFileSync(`${this.#path(id)}.new`, JSON.stringify(record));
    renameSync(`${this.#path(id)}.new`, this.#path(id));
    return this as never;
  }

  delete(id: string): boolean {
    const had = this.has(id);
    rmSync(this.#path(id), { force: true });
    return had;
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  keys(): MapIterator<string> {
    const names = readdirSync(this.#dir).filter((name) => name.endsWith(".json"));
    return new Map(names.map((name) => [name.slice(0, -".json".length), 0])).keys();
  }

  values(): MapIterator<SandboxRecord> {
    const records = [...this.keys()].map((id) => [id, this.get(id)] as const).filter(([, record]) => record !== undefined);
    return new Map(records as [string, SandboxRecord][]).values();
  }

  get size(): number {
    return [...this.keys()].length;
  }
}
