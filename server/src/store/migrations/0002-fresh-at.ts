import type { Kysely } from "kysely";

/** When a session's present cluster was set up: after a reset, later than its `ready_at`. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("sessions").addColumn("fresh_at", "text").execute();
}
