import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import Sqlite from "libsql";

/** How long another process may hold a database up. */
export const BUSY_MS = 5000;

/** How many copies of each kind are kept. */
const KEPT = 5;

/** The folder of the copies that the server makes by itself. */
export function backupsDir(dataDir: string): string {
  return join(dataDir, "backups");
}

/** `2026-11-26T17-33-05Z`: sorts by time, and may stand in a file's name on every system. */
export function stamp(now: Date): string {
  return now
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "-");
}

/**
 * Writes a copy of a database as one complete file, which is on the disk and under its name only
 * when it is whole. Others may read and write the database at the same time: the copy is of one
 * moment. Throws what SQLite and the file system throw.
 */
export function copyDatabase(sqlite: Sqlite.Database, target: string): void {
  const unfinished = `${target}.${process.pid}.unfinished`;
  rmSync(unfinished, { force: true });
  try {
    // SQLite's own way to copy a live database beside its backup API, which libsql has not.
    sqlite.prepare("vacuum into ?").run(unfinished);
    sync(unfinished);
    renameSync(unfinished, target);
    sync(dirname(target));
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Keeps a copy of the database as it is, before something changes it. @returns where */
export function copyBefore(change: string, sqlite: Sqlite.Database, dataDir: string, now: Date): string {
  const path = newBackup(dataDir, `before-${change}`, now);
  copyDatabase(sqlite, path);
  prune(dataDir, /-before-/);
  return path;
}

/**
 * Puts a database in the place of the one of a data directory, which no process may have open. At
 * every moment there is a whole one under the name `drydock.db`.
 * @returns where the one before is kept; undefined where there was none
 */
export function replaceDatabase(dataDir: string, replacement: string, now: Date): string | undefined {
  const path = join(dataDir, "drydock.db");
  let kept: string | undefined;
  if (existsSync(path)) {
    kept = newBackup(dataDir, "replaced", now);
    emptyLogOf(path);
    // What is left of the log belongs to the old file, and to no other.
    if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${kept}-wal`);
    rmSync(`${path}-shm`, { force: true });
    linkOrCopy(path, kept);
    sync(dirname(kept));
  }
  sync(replacement);
  renameSync(replacement, path);
  sync(dataDir);
  prune(dataDir, /-replaced\.db$/);
  return kept;
}

/**
 * Moves what is in a database's write-ahead log into the database itself. Where that fails, the log
 * stays and nothing is lost.
 */
export function emptyLog(sqlite: Sqlite.Database): void {
  try {
    sqlite.pragma("wal_checkpoint(TRUNCATE)");
  } catch {
    // A full disk, or a damaged file.
  }
}

/** The same for a file that a killed server may have left. */
function emptyLogOf(path: string): void {
  const sqlite = new Sqlite(path, { timeout: BUSY_MS });
  emptyLog(sqlite);
  sqlite.close();
  if (existsSync(`${path}-wal`) && statSync(`${path}-wal`).size === 0) rmSync(`${path}-wal`);
}

function newBackup(dataDir: string, why: string, now: Date): string {
  const dir = backupsDir(dataDir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  for (let n = 1; ; n += 1) {
    const path = join(dir, `drydock-${stamp(now)}${n === 1 ? "" : `-${n}`}-${why}.db`);
    if (!existsSync(path)) return path;
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // Some file systems have no second names for a file.
    copyFileSync(from, to);
    sync(to);
  }
}

function prune(dataDir: string, kind: RegExp): void {
  const dir = backupsDir(dataDir);
  const names = readdirSync(dir).filter((name) => name.endsWith(".db") && kind.test(name));
  for (const name of names.sort().slice(0, -KEPT)) {
    for (const one of [name, `${name}-wal`]) rmSync(join(dir, one), { force: true });
  }
}

/** Has the system write a file, or a folder's names, to the disk. */
function sync(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } catch (error) {
    // Not every system can do so with a folder.
    if ((error as NodeJS.ErrnoException).code !== "EPERM" && (error as NodeJS.ErrnoException).code !== "EISDIR") throw error;
  } finally {
    closeSync(fd);
  }
}
