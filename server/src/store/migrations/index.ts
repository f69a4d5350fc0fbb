import * as first from "./0001-first.ts";
import * as freshAt from "./0002-fresh-at.ts";
import * as lease from "./0003-lease.ts";

/** In order of their names; one that has been released is never changed. */
export const MIGRATIONS = { "0001-first": first, "0002-fresh-at": freshAt, "0003-lease": lease };
