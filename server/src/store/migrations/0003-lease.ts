import type { Kysely } from "kysely";

/** What is left of a session's lease, in milliseconds. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("sessions").addColumn("lease_left_ms", "integer").execute();
}
