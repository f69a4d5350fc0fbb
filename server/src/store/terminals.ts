import type { Kysely } from "kysely";
import { storing } from "./errors.ts";
import type { Tables, TerminalRow } from "./tables.ts";

/** Terminals of sessions. Every method throws DrydockError `store.full` or `store.failed`. */
export class TerminalStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  find(id: string): Promise<TerminalRow | undefined> {
    return storing("Reading a terminal", () =>
      this.#db.selectFrom("terminals").selectAll().where("id", "=", id).executeTakeFirst(),
    );
  }

  /** A session's terminals in the order in which they were opened. */
  ofSession(session: string): Promise<TerminalRow[]> {
    return storing("Reading the terminals", () =>
      this.#db.selectFrom("terminals").selectAll().where("session", "=", session).orderBy("created_at").orderBy("id").execute(),
    );
  }

  /** How many terminals, of all sessions, have a shell that has not ended. */
  async countOpen(): Promise<number> {
    const { open } = await storing("Counting the terminals", () =>
      this.#db
        .selectFrom("terminals")
        .select(({ fn }) => fn.countAll<number>().as("open"))
        .where("exited_at", "is", null)
        .executeTakeFirstOrThrow(),
    );
    return open;
  }

  async insert(row: TerminalRow): Promise<void> {
    await storing("Saving a terminal", () => this.#db.insertInto("terminals").values(row).execute());
  }

  /** Notes that its shell has ended. */
  async exited(id: string, at: string, code: number | null): Promise<void> {
    await storing("Saving a terminal", () =>
      this.#db.updateTable("terminals").set({ exited_at: at, exit_code: code }).where("id", "=", id).execute(),
    );
  }

  async remove(id: string): Promise<void> {
    await storing("Removing a terminal", () => this.#db.deleteFrom("terminals").where("id", "=", id).execute());
  }

  async removeOfSession(session: string): Promise<void> {
    await storing("Removing terminals", () => this.#db.deleteFrom("terminals").where("session", "=", session).execute());
  }
}
