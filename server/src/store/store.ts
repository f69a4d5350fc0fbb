import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "libsql";
import { AttemptStore } from "./attempts.ts";
import { wordStoreError } from "./errors.ts";
import * as first from "./migrations/0001-first.ts";
import * as freshAt from "./migrations/0002-fresh-at.ts";
import * as lease from "./migrations/0003-lease.ts";
import { Kysely, Migrator, SqliteDialect } from "./kysely.ts";
import { SessionStore } from "./sessions.ts";
import type { Tables } from "./tables.ts";
import { TerminalStore } from "./terminals.ts";

/** In order of their names; one that has been released is never changed. */
const MIGRATIONS = { "0001-first": first, "0002-fresh-at": freshAt, "0003-lease": lease };

/** What outlives the server: the only place that knows SQL. */
export interface Store {
  readonly sessions: SessionStore;
  readonly attempts: AttemptStore;
  readonly terminals: TerminalStore;
  close(): Promise<void>;
}

/**
 * Opens (or makes) `<dataDir>/drydock.db` and brings it to the present shape. Each commit is on the disk before its promise resolves
 * (WAL with synchronous=FULL), so a crash loses nothing that was answered.
 * `maxPages` bounds its size (in pages of SQLite), as a full disk would.
 * @throws DrydockError `store.full`, `store.failed`
 */
export async function openStore(dataDir: string, { maxPages }: { maxPages?: number } = {}): Promise<Store> {
  let db: Kysely<Tables> | undefined;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const sqlite = new Sqlite(join(dataDir, "drydock.db"), { timeout: 5000 });
    db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqlite }) });
    sqlite.pragma("journal_mode = WAL");
    sqlite.pragma("synchronous = FULL");
    sqlite.pragma("foreign_keys = ON");
    if (maxPages !== undefined) sqlite.pragma(`max_page_count = ${maxPages}`);
    const { error } = await new Migrator({
      db,
      provider: { getMigrations: () => Promise.resolve(MIGRATIONS) },
    }).migrateToLatest();
    if (error) throw error;
  } catch (error) {
    await db?.destroy();
    throw wordStoreError("Opening the database", error);
  }
  const opened = db;
  return {
    sessions: new SessionStore(opened),
    attempts: new AttemptStore(opened),
    terminals: new TerminalStore(opened),
    close: () => opened.destroy(),
  };
}
