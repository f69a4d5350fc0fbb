import type { Kysely } from "kysely";
import { storing } from "./errors.ts";
import type { AttemptRow, NewAttempt, Tables } from "./tables.ts";

export interface Best {
  points: number;
  solved: boolean;
}

const MOST_LISTED = 200;

/**
 * Graded attempts. They are only ever added. Every method throws DrydockError `store.full` or
 * `store.failed`.
 */
export class AttemptStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /**
   * Adds an attempt; it is on the disk when this resolves, and not there at all when it rejects.
   */
  async insert(row: NewAttempt): Promise<void> {
    await storing("Saving the attempt", () => this.#db.insertInto("attempts").values(row).execute());
  }

  /** The learner's attempts at a scenario, of all sessions, newest first. */
  ofScenario(learner: string, scenario: string): Promise<AttemptRow[]> {
    return storing("Reading the attempts", () =>
      this.#db
        .selectFrom("attempts")
        .selectAll()
        .where("learner", "=", learner)
        .where("scenario", "=", scenario)
        .orderBy("started_at", "desc")
        .limit(MOST_LISTED)
        .execute(),
    );
  }

  /** The learner's best result of each scenario that was attempted. */
  async best(learner: string): Promise<Map<string, Best>> {
    const rows = await storing("Reading the attempts", () =>
      this.#db
        .selectFrom("attempts")
        .select(({ fn }) => ["scenario", fn.max("points").as("points")])
        .select((builder) => builder.fn.max(builder.case().when("verdict", "=", "passed").then(1).else(0).end()).as("solved"))
        .where("learner", "=", learner)
        .groupBy("scenario")
        .execute(),
    );
    return new Map(rows.map((row) => [row.scenario, { points: row.points, solved: row.solved === 1 }]));
  }
}
