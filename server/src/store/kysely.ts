import { createRequire } from "node:module";

/**
 * Loaded as CommonJS: as ES modules its 280 files go through the TypeScript loader one by one,
 * which takes a quarter of the server's start.
 */
export const { Kysely, Migrator, SqliteDialect, sql } = createRequire(import.meta.url)("kysely") as typeof import("kysely");
export type Kysely<T> = import("kysely").Kysely<T>;
