import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import Sqlite from "libsql";
import { DrydockError } from "../../../labs/src/errors.ts";
import { BUSY_MS, copyDatabase, stamp } from "./copies.ts";
import { examine, type Content } from "./examine.ts";
import { wordStoreError } from "./errors.ts";

export interface BackupOptions {
  /** Whether a file of that name may go. */
  force: boolean;
  now: Date;
}

export interface Backup extends Content {
  path: string;
  bytes: number;
}

/**
 * Writes all that a data directory's database holds into one file, beside a server that runs too,
 * and reads it again. A folder gets a file with a dated name.
 * @throws DrydockError `backup.nothing`, `backup.exists`, `store.*`
 */
export function backUp(dataDir: string, target: string, { force, now }: BackupOptions): Backup {
  const source = join(dataDir, "drydock.db");
  if (!existsSync(source)) {
    throw new DrydockError("backup.nothing", `There is no database in ${dataDir}`, {
      advice: "DRYDOCK_HOME says which data directory is meant; a server makes the database when it is first started",
    });
  }
  const isFolder = existsSync(target) && statSync(target).isDirectory();
  const path = isFolder ? join(target, `drydock-${stamp(now)}.db`) : target;
  if (existsSync(path) && !force) {
    throw new DrydockError("backup.exists", `${path} is there already`, {
      advice: "Give another name, or --force to replace it",
    });
  }
  let sqlite: Sqlite.Database | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    sqlite = new Sqlite(source, { timeout: BUSY_MS });
    copyDatabase(sqlite, path);
  } catch (error) {
    throw wordStoreError("Copying the database", error);
  } finally {
    sqlite?.close();
  }
  return { path, bytes: statSync(path).size, ...examine(path, "The backup") };
}
