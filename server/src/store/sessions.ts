import type { Kysely } from "kysely";
import { DrydockError } from "../../../labs/src/errors.ts";
import { isDuplicate, storing } from "./errors.ts";
import type { SessionPatch, SessionRow, Tables } from "./tables.ts";

const MOST_LISTED = 200;

/** Sessions. Every method throws DrydockError `store.full` or `store.failed`. */
export class SessionStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  find(id: string): Promise<SessionRow | undefined> {
    return storing("Reading a session", () =>
      this.#db.selectFrom("sessions").selectAll().where("id", "=", id).executeTakeFirst(),
    );
  }

  /** The learner's session of a scenario that has not ended. */
  findRunning(learner: string, scenario: string): Promise<SessionRow | undefined> {
    return storing("Reading a session", () =>
      this.#db
        .selectFrom("sessions")
        .selectAll()
        .where("learner", "=", learner)
        .where("scenario", "=", scenario)
        .where("state", "!=", "ended")
        .executeTakeFirst(),
    );
  }

  /** The learner's latest sessions, newest first. */
  ofLearner(learner: string): Promise<SessionRow[]> {
    return storing("Reading the sessions", () =>
      this.#db
        .selectFrom("sessions")
        .selectAll()
        .where("learner", "=", learner)
        .orderBy("started_at", "desc")
        .limit(MOST_LISTED)
        .execute(),
    );
  }

  /** Every session that has not ended, of all learners. */
  running(): Promise<SessionRow[]> {
    return storing("Reading the sessions", () =>
      this.#db.selectFrom("sessions").selectAll().where("state", "!=", "ended").execute(),
    );
  }

  /** How many sessions of a learner have not ended. */
  async countRunning(learner: string): Promise<number> {
    const { running } = await storing("Counting the sessions", () =>
      this.#db
        .selectFrom("sessions")
        .select(({ fn }) => fn.countAll<number>().as("running"))
        .where("learner", "=", learner)
        .where("state", "!=", "ended")
        .executeTakeFirstOrThrow(),
    );
    return running;
  }

  /**
   * Takes so much off the lease of every session that has had its sandbox, and returns those
   * sessions as they are then.
   */
  async spendLeases(ms: number): Promise<SessionRow[]> {
    return storing("Saving the leases", () =>
      this.#db
        .updateTable("sessions")
        .set((row) => ({ lease_left_ms: row("lease_left_ms", "-", ms) }))
        .where("lease_left_ms", "is not", null)
        .where("state", "not in", ["preparing", "ended"])
        .returningAll()
        .execute(),
    );
  }

  /**
   * Adds a session.
   * @throws DrydockError `store.duplicate` where the learner has a running one of the scenario
   */
  async insert(row: SessionRow): Promise<void> {
    await storing("Saving a session", async () => {
      try {
        await this.#db.insertInto("sessions").values(row).execute();
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        throw new DrydockError("store.duplicate", "A session of this task is running already", { cause: error });
      }
    });
  }

  /**
   * Changes a session and returns it as it is then; undefined where there is none. One that has
   * ended is not changed any more, except for what was seen of it.
   */
  async update(id: string, patch: SessionPatch): Promise<SessionRow | undefined> {
    return storing("Saving a session", async () => {
      const query = this.#db.updateTable("sessions").set(patch).where("id", "=", id);
      const guarded = patch.state === undefined && patch.sandbox === undefined ? query : query.where("state", "!=", "ended");
      return guarded.returningAll().executeTakeFirst();
    });
  }
}
