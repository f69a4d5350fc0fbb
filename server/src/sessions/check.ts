import { DrydockError } from "../../../labs/src/errors.ts";
import type { Report } from "../../../labs/src/checks/outcome.ts";
import type { Sandbox } from "../../../labs/src/sandbox/provider.ts";
import type { Attempt } from "../contract.ts";
import { newStop } from "../stop.ts";
import type { AttemptRow, SessionRow } from "../store/tables.ts";
import { scenarioOf, type SessionParts } from "./parts.ts";
import { viewAttempt } from "./view.ts";

/**
 * Judges a session's sandbox and keeps the attempt. What is not saved is not answered either.
 * @throws DrydockError `scenario.gone`, `session.checking`, `session.check-stopped`,
 * `check.failed`, what `openSandbox` throws
 */
export async function checkSession(
  parts: SessionParts,
  row: SessionRow,
  openSandbox: (session: string) => Promise<Sandbox>,
): Promise<Attempt> {
  const { store, live, machine, log } = parts;
  const session = live.of(row.id);
  if (session.check)
    throw new DrydockError("session.checking", "A check is under way already", { advice: "Wait for its result" });
  const stop = newStop();
  session.check = stop;
  try {
    const scenario = scenarioOf(parts, row);
    const lab = await machine.opened();
    const sandbox = await openSandbox(row.id);
    const report = await lab.grade(sandbox, scenario, { signal: stop.signal });
    stop.signal.throwIfAborted();
    const attempt = toRow(parts, (await store.sessions.find(row.id)) ?? row, report);
    await store.attempts.insert(attempt);
    const { verdict, points } = report;
    log.info({ session: row.id, sandbox: sandbox.id, scenario: row.scenario, verdict, points }, "attempt graded");
    return viewAttempt(attempt);
  } catch (error) {
    if (stop.signal.aborted) {
      throw new DrydockError("session.check-stopped", "The check was stopped because its sandbox was given back", {
        cause: error,
      });
    }
    if (error instanceof DrydockError) throw error;
    throw new DrydockError("check.failed", "The check could not be carried out", {
      advice: "Try again; the server's log says more",
      cause: error,
    });
  } finally {
    session.check = undefined;
  }
}

function toRow({ newId }: SessionParts, session: SessionRow, report: Report): AttemptRow {
  const startedMs = Date.parse(report.startedAt);
  return {
    id: newId(),
    session: session.id,
    learner: session.learner,
    scenario: session.scenario,
    verdict: report.verdict,
    points: report.points,
    max_points: report.maxPoints,
    checks: JSON.stringify(report.checks),
    started_at: report.startedAt,
    duration_ms: Math.round(report.durationMs),
    elapsed_ms: session.ready_at ? Math.max(0, startedMs - Date.parse(session.ready_at)) : 0,
    hints_used: session.hints,
    solution_seen: session.solution_seen,
  };
}
