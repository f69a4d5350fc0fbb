import type { Insertable, Selectable, Updateable } from "kysely";

/** Times are ISO 8601 in UTC, booleans 0 or 1, structures JSON. */
export interface Tables {
  sessions: SessionsTable;
  attempts: AttemptsTable;
  terminals: TerminalsTable;
}

export interface SessionsTable {
  id: string;
  learner: string;
  scenario: string;
  topology: string;
  state: "preparing" | "ready" | "failed" | "lost" | "ended";
  /** The sandbox that was handed to the session; null before there is one. */
  sandbox: string | null;
  started_at: string;
  ready_at: string | null;
  fresh_at: string | null;
  /** What is left of its lease, counted down while the server runs; null: it does not end. */
  lease_left_ms: number | null;
  ended_at: string | null;
  hints: number;
  solution_seen: number;
  /** JSON of the contract's error, for `failed` and `lost`. */
  error: string | null;
}
export type SessionRow = Selectable<SessionsTable>;
export type SessionPatch = Updateable<SessionsTable>;

export interface AttemptsTable {
  id: string;
  session: string;
  learner: string;
  scenario: string;
  verdict: "passed" | "failed" | "error";
  points: number;
  max_points: number;
  /** JSON array of check results. */
  checks: string;
  started_at: string;
  duration_ms: number;
  elapsed_ms: number;
  hints_used: number;
  solution_seen: number;
}
export type AttemptRow = Selectable<AttemptsTable>;
export type NewAttempt = Insertable<AttemptsTable>;

export interface TerminalsTable {
  id: string;
  session: string;
  host: string;
  /** 1 for the first terminal on a host, 2 for "node01 (2)". */
  number: number;
  created_at: string;
  /** Set when its shell has ended. */
  exited_at: string | null;
  exit_code: number | null;
}
export type TerminalRow = Selectable<TerminalsTable>;
