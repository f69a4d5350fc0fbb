import { copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { DrydockError } from "../../../labs/src/errors.ts";
import { wordStoreError } from "./errors.ts";
import { examine, readInUse, type Content, type InUse } from "./examine.ts";
import { openStore } from "./store.ts";

const PREFIX = "restore-";

/**
 * A checked copy of a backup, in the data directory beside the database whose place it is to take.
 */
export interface Staged {
  /** The name of its folder in the data directory. */
  name: string;
  content: Content;
  /** Sessions whose clusters would be given back, as the backup does not know of them. */
  losing: InUse[];
}

/**
 * Copies a backup into the data directory, checks the copy, and brings it to the present shape. The
 * file itself is not touched. Remove it with {@link unstage} where it is not used.
 * @throws DrydockError `restore.missing`, `restore.in-use`, `store.*`
 */
export async function stage(dataDir: string, file: string): Promise<Staged> {
  const current = join(dataDir, "drydock.db");
  if (!existsSync(file) || !statSync(file).isFile()) {
    throw new DrydockError("restore.missing", `There is no file ${file}`, {
      advice: "Give the file that `drydock backup` wrote",
    });
  }
  if (existsSync(current) && realpathSync(file) === realpathSync(current)) {
    throw new DrydockError("restore.in-use", `${file} is the database in use`, { advice: "Give a backup of it" });
  }
  let dir: string | undefined;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    dir = mkdtempSync(join(dataDir, PREFIX));
    const path = join(dir, "drydock.db");
    copyFileSync(file, path);
    // A plain copy of the data directory has its latest changes in the log.
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${path}-wal`);
    examine(path, file);
    await (await openStore(dir)).close();
    const content = examine(path, file);
    return { name: dir.slice(resolve(dataDir).length + 1), content, losing: findLosing(current, path) };
  } catch (error) {
    if (dir) rmSync(dir, { recursive: true, force: true });
    throw error instanceof DrydockError ? error : wordStoreError(`Reading ${file}`, error);
  }
}

/**
 * The database of a staged copy.
 * @throws DrydockError `restore.unknown` for a name that is none of {@link stage}
 */
export function stagedPath(dataDir: string, name: string): string {
  const path = join(dataDir, name, "drydock.db");
  if (new RegExp(`^${PREFIX}\\w{6}$`).test(name) && existsSync(path)) return path;
  throw new DrydockError("restore.unknown", "There is no such copy to restore");
}

/** Removes what is left of a staged copy. */
export function unstage(dataDir: string, name: string): void {
  rmSync(join(dataDir, name), { recursive: true, force: true });
}

function findLosing(current: string, replacement: string): InUse[] {
  const kept = new Set(readInUse(replacement).map(({ id, sandbox }) => `${id} ${sandbox}`));
  return existsSync(current) ? readInUse(current).filter(({ id, sandbox }) => !kept.has(`${id} ${sandbox}`)) : [];
}
