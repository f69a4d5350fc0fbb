import type { AttemptRow, SessionRow } from "../store/tables.ts";

/** A session of Ann's, as the store has it. */
export const sessionRow = (change: Partial<SessionRow> = {}): SessionRow => ({
  id: "s1",
  learner: "ann",
  scenario: "one",
  topology: "two-node",
  state: "preparing",
  sandbox: null,
  started_at: "2026-01-01T00:00:00.000Z",
  ready_at: null,
  fresh_at: null,
  ended_at: null,
  hints: 0,
  solution_seen: 0,
  error: null,
  lease_left_ms: null,
  ...change,
});

/** An attempt in that session. */
export const attemptRow = (change: Partial<AttemptRow> = {}): AttemptRow => ({
  id: "a1",
  session: "s1",
  learner: "ann",
  scenario: "one",
  verdict: "failed",
  points: 1,
  max_points: 3,
  checks: "[]",
  started_at: "2026-01-01T00:00:01.000Z",
  duration_ms: 5,
  elapsed_ms: 1000,
  hints_used: 0,
  solution_seen: 0,
  ...change,
});
