import { readFile, rename, writeFile } from "node:fs/promises";
import type { BaselineRecord } from "./baseline-record.ts";

/** Reads what was noted down after set-up; undefined where nothing was. */
export async function readBaseline(path: string): Promise<BaselineRecord | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : (JSON.parse(text) as BaselineRecord);
}

/** Writes the record whole or not at all. */
export async function writeBaseline(path: string, record: BaselineRecord): Promise<void> {
  const unfinished = `${path}.unfinished`;
  await writeFile(unfinished, JSON.stringify(record), { mode: 0o600 });
  await rename(unfinished, path);
}
