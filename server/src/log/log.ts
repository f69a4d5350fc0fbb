import type { Logger } from "pino";

/** Where the server's parts write what an operator may want to know. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error" | "child">;
