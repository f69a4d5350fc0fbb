import type Sqlite from "libsql";
import { DrydockError } from "../../../labs/src/errors.ts";
import { MIGRATIONS } from "./migrations/index.ts";

/** The changes that a database of ours has had, and those that it still needs. */
export interface Version {
  applied: string[];
  pending: string[];
}

const KNOWN = Object.keys(MIGRATIONS);

/**
 * Looks which shape a database has, and changes nothing. One without any table is a new one.
 * @param what names the database in errors
 * @throws DrydockError `store.not-ours`, `store.newer`; what SQLite throws where it is no database
 */
export function readVersion(sqlite: Sqlite.Database, what: string): Version {
  const tables = sqlite.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[];
  if (tables.length === 0) return { applied: [], pending: KNOWN };
  const applied = tables.includes("kysely_migration")
    ? (sqlite.prepare("select name from kysely_migration order by name").pluck().all() as string[])
    : [];
  // A first start that was cut off leaves the list of changes, with nothing in it.
  const begun = tables.every((name) => name.startsWith("kysely_migration"));
  if (!begun && (applied[0] !== KNOWN[0] || !tables.includes("sessions") || !tables.includes("attempts"))) {
    throw new DrydockError("store.not-ours", `${what} is a database of another program, not of Drydock`, {
      advice: "Give a file that `drydock backup` has written, or a copy of drydock.db",
    });
  }
  const newer = applied.filter((name) => !KNOWN.includes(name));
  if (newer.length > 0) {
    throw new DrydockError("store.newer", `${what} was written by a newer Drydock (it has ${newer.join(", ")})`, {
      advice:
        "Start that newer Drydock again. To go on with this one, restore a copy that is as old as it is: the folder `backups` in the data directory has one from before each change",
    });
  }
  return { applied, pending: KNOWN.filter((name) => !applied.includes(name)) };
}
