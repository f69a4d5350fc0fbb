import Sqlite from "libsql";
import { DrydockError } from "../../../labs/src/errors.ts";
import { BUSY_MS } from "./copies.ts";
import { wordStoreError } from "./errors.ts";
import { readVersion } from "./version.ts";

/** What a database holds. */
export interface Content {
  sessions: number;
  attempts: number;
  learners: number;
  /** When the latest session or attempt in it began, ISO 8601; undefined where there is none. */
  latest: string | undefined;
}

/** A session whose sandbox is in use. */
export interface InUse {
  id: string;
  scenario: string;
  state: string;
  sandbox: string;
  startedAt: string;
}

/**
 * Reads a database to its end: whether it is whole, ours, and not newer than this program.
 * @param what names it in errors
 * @throws DrydockError `store.damaged`, `store.not-ours`, `store.newer`, `store.failed`
 */
export function examine(path: string, what: string): Content {
  return reading(path, what, (sqlite) => {
    const { applied } = readVersion(sqlite, what);
    const [problem] = sqlite.prepare("pragma integrity_check(1)").pluck().all() as string[];
    if (problem !== "ok") throw damaged(what, problem);
    if (applied.length === 0) {
      throw new DrydockError("store.not-ours", `${what} is an empty database`, {
        advice: "Give a file that `drydock backup` has written, or a copy of drydock.db",
      });
    }
    const broken = sqlite.prepare("pragma foreign_key_check").all();
    if (broken.length > 0) throw damaged(what, "rows refer to others that are not there");
    const { sessions, attempts, learners, latest } = sqlite
      .prepare(
        `select (select count(*) from sessions) as sessions, (select count(*) from attempts) as attempts,
         (select count(distinct learner) from sessions) as learners,
         (select max(started_at) from (select started_at from sessions union all select started_at from attempts)) as latest`,
      )
      .get() as Content;
    return { sessions, attempts, learners, latest: latest ?? undefined };
  });
}

/**
 * The sessions that have a sandbox, of a server that runs or not. Empty where there is no database
 * that can be read.
 */
export function readInUse(path: string): InUse[] {
  try {
    return reading(path, "The database", (sqlite) => {
      const rows = sqlite.prepare(
        "select id, scenario, state, sandbox, started_at as startedAt from sessions where state <> 'ended' and sandbox is not null order by started_at",
      );
      return rows.all() as InUse[];
    });
  } catch {
    return [];
  }
}

function reading<T>(path: string, what: string, work: (sqlite: Sqlite.Database) => T): T {
  let sqlite: Sqlite.Database | undefined;
  try {
    sqlite = new Sqlite(path, { timeout: BUSY_MS });
    return work(sqlite);
  } catch (error) {
    throw error instanceof DrydockError ? error : wordStoreError(`Reading ${what[0]!.toLowerCase()}${what.slice(1)}`, error);
  } finally {
    sqlite?.close();
  }
}

function damaged(what: string, problem: string | undefined): DrydockError {
  return new DrydockError("store.damaged", `${what} is damaged: ${problem}`, { advice: "Use another backup" });
}
