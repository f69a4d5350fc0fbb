import { sql, type Kysely } from "../kysely.ts";

/** Sessions, attempts, terminals. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("sessions")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("learner", "text", (column) => column.notNull())
    .addColumn("scenario", "text", (column) => column.notNull())
    .addColumn("topology", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("sandbox", "text")
    .addColumn("started_at", "text", (column) => column.notNull())
    .addColumn("ready_at", "text")
    .addColumn("ended_at", "text")
    .addColumn("hints", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("solution_seen", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("error", "text")
    .execute();
  // A learner has one running session of a scenario, however many starts arrive at once.
  await sql`create unique index sessions_running on sessions (learner, scenario) where state <> 'ended'`.execute(db);
  await db.schema.createIndex("sessions_learner").on("sessions").columns(["learner", "started_at"]).execute();
  await db.schema
    .createTable("attempts")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("session", "text", (column) => column.notNull().references("sessions.id"))
    .addColumn("learner", "text", (column) => column.notNull())
    .addColumn("scenario", "text", (column) => column.notNull())
    .addColumn("verdict", "text", (column) => column.notNull())
    .addColumn("points", "integer", (column) => column.notNull())
    .addColumn("max_points", "integer", (column) => column.notNull())
    .addColumn("checks", "text", (column) => column.notNull())
    .addColumn("started_at", "text", (column) => column.notNull())
    .addColumn("duration_ms", "integer", (column) => column.notNull())
    .addColumn("elapsed_ms", "integer", (column) => column.notNull())
    .addColumn("hints_used", "integer", (column) => column.notNull())
    .addColumn("solution_seen", "integer", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("attempts_scenario").on("attempts").columns(["learner", "scenario", "started_at"]).execute();
  await db.schema
    .createTable("terminals")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("session", "text", (column) => column.notNull().references("sessions.id"))
    .addColumn("host", "text", (column) => column.notNull())
    .addColumn("number", "integer", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("exited_at", "text")
    .addColumn("exit_code", "integer")
    .addUniqueConstraint("terminals_number", ["session", "host", "number"])
    .execute();
}
