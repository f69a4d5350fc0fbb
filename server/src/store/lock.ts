import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "libsql";
import { DrydockError } from "../../../labs/src/errors.ts";
import { formatServerNote, parseServerNote, serverNotePath } from "../../../labs/src/status/server-note.ts";
import { wordStoreError } from "./errors.ts";

/**
 * Makes this process the only server of a data directory until it ends, however it ends: the lock
 * is the operating system's own on a file, held through an open SQLite transaction because that
 * works the same on every system.
 * @returns what gives it back
 * @throws DrydockError `server.already-running` with the address of the one that runs
 */
export function lockDataDir(dataDir: string): { announce(url: string): void; release(): void } {
  const note = serverNotePath(dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  let lock: Sqlite.Database | undefined;
  try {
    lock = new Sqlite(join(dataDir, "server.lock"), { timeout: 0 });
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock?.close();
    if ((error as { code?: string }).code !== "SQLITE_BUSY") throw wordStoreError("Locking the data directory", error);
    throw new DrydockError("server.already-running", `Another server uses ${dataDir}${whereItIs(note)}`, {
      advice: "Open that one, or give this one another DRYDOCK_HOME",
      cause: error,
    });
  }
  const held = lock;
  return {
    announce(url) {
      try {
        writeFileSync(note, formatServerNote({ pid: process.pid, url }));
      } catch {
        // A courtesy to a second server and to `drydock status`; a full disk must not stop the
        // first for it.
      }
    },
    release: () => {
      rmSync(note, { force: true });
      held.close();
    },
  };
}

function whereItIs(note: string): string {
  try {
    const { pid, url } = parseServerNote(readFileSync(note, "utf8"));
    return `: ${url} (process ${pid})`;
  } catch {
    return "";
  }
}
