import type { Scenario } from "../../../labs/src/scenarios/schema.ts";
import { TOPOLOGIES, type Topology } from "../../../labs/src/sandbox/provider.ts";
import type { Attempt, Session, Terminal } from "../contract.ts";
import type { Best } from "../store/attempts.ts";
import type { AttemptRow, SessionRow, TerminalRow } from "../store/tables.ts";
import type { LiveSession } from "./live.ts";

export interface SessionFacts {
  row: SessionRow;
  live: LiveSession;
  terminals: readonly TerminalRow[];
  best: Best | undefined;
  /** Undefined where its scenario is no longer in the catalogue. */
  scenario: Scenario | undefined;
}

/** A session as the page sees it. */
export function viewSession({ row, live, terminals, best, scenario }: SessionFacts): Session {
  const unsaved = row.state === "preparing" ? live.failure : undefined;
  return {
    id: row.id,
    scenario: row.scenario,
    state: unsaved ? "failed" : row.state,
    phases: row.state === "preparing" || row.state === "failed" ? live.progress.snapshot() : [],
    power: live.power,
    leaseLeftMs: row.lease_left_ms === null ? undefined : Math.max(0, row.lease_left_ms),
    checking: live.check !== undefined,
    startedAt: row.started_at,
    readyAt: row.ready_at ?? undefined,
    freshAt: row.fresh_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    hints: scenario?.hints.slice(0, row.hints) ?? [],
    hintCount: scenario?.hints.length ?? 0,
    solutionSeen: row.solution_seen === 1,
    terminals: terminals.map(viewTerminal),
    hosts: [...TOPOLOGIES[row.topology as Topology]],
    best,
    error: unsaved ?? (row.error ? (JSON.parse(row.error) as Session["error"]) : undefined),
  };
}

export function viewTerminal(row: TerminalRow): Terminal {
  return { id: row.id, host: row.host, title: row.number === 1 ? row.host : `${row.host} (${row.number})` };
}

export function viewAttempt(row: AttemptRow): Attempt {
  return {
    id: row.id,
    sessionId: row.session,
    scenario: row.scenario,
    verdict: row.verdict,
    points: row.points,
    maxPoints: row.max_points,
    checks: JSON.parse(row.checks) as Attempt["checks"],
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    elapsedMs: row.elapsed_ms,
    hintsUsed: row.hints_used,
    solutionSeen: row.solution_seen === 1,
  };
}
