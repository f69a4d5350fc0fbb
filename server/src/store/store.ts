import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "libsql";
import { DrydockError } from "../../../labs/src/errors.ts";
import { AttemptStore } from "./attempts.ts";
import { BUSY_MS, copyBefore, emptyLog } from "./copies.ts";
import { wordStoreError } from "./errors.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { Kysely, Migrator, SqliteDialect } from "./kysely.ts";
import { SessionStore } from "./sessions.ts";
import type { Tables } from "./tables.ts";
import { TerminalStore } from "./terminals.ts";
import { readVersion } from "./version.ts";

/** What outlives the server: the only place that knows SQL. */
export interface Store {
  readonly sessions: SessionStore;
  readonly attempts: AttemptStore;
  readonly terminals: TerminalStore;
  /**
   * Lets go of the database. Afterwards `drydock.db` alone is all of it, unless the disk is full or
   * another process reads it.
   */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Bounds the database's size (in pages of SQLite), as a full disk would. */
  maxPages?: number;
  /** Dates the copy that is kept before the shape changes. */
  now?: () => Date;
}

/**
 * Opens (or makes) `<dataDir>/drydock.db` and brings it to the present shape, of which a copy is
 * kept first. Each commit is on the disk before its promise resolves
 * (WAL with synchronous=FULL), so a crash loses nothing that was answered.
 * @throws DrydockError `store.full`, `store.failed`, `store.damaged`, `store.newer`,
 * `store.not-ours`
 */
export async function openStore(dataDir: string, { maxPages, now = () => new Date() }: StoreOptions = {}): Promise<Store> {
  let db: Kysely<Tables> | undefined;
  let sqlite: Sqlite.Database;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    sqlite = new Sqlite(join(dataDir, "drydock.db"), { timeout: BUSY_MS });
    db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqlite }) });
    const { applied, pending } = readVersion(sqlite, `The database in ${dataDir}`);
    sqlite.pragma("journal_mode = WAL");
    sqlite.pragma("synchronous = FULL");
    sqlite.pragma("foreign_keys = ON");
    if (maxPages !== undefined) sqlite.pragma(`max_page_count = ${maxPages}`);
    if (applied.length > 0 && pending[0]) copyBefore(pending[0], sqlite, dataDir, now());
    const { error } = await new Migrator({
      db,
      provider: { getMigrations: () => Promise.resolve(MIGRATIONS) },
    }).migrateToLatest();
    if (error) throw error;
  } catch (error) {
    await db?.destroy();
    throw error instanceof DrydockError ? error : wordStoreError("Opening the database", error);
  }
  const opened = db;
  return {
    sessions: new SessionStore(opened),
    attempts: new AttemptStore(opened),
    terminals: new TerminalStore(opened),
    async close() {
      emptyLog(sqlite);
      await opened.destroy();
    },
  };
}
