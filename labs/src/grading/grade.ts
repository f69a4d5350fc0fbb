import type { Report } from "../checks/outcome.ts";
import { runChecks } from "../checks/run.ts";
import { describeError } from "../errors.ts";
import type { RunResult } from "../process.ts";
import type { Owner, SandboxProvider } from "../sandbox/provider.ts";
import type { Progress } from "../progress.ts";
import type { Scenario } from "../scenarios/schema.ts";
import { freshSandbox } from "./fresh-sandbox.ts";
import { setUp } from "./set-up.ts";
import { submit, type Submission } from "./submit.ts";

export interface GradeOptions {
  provider: Pick<SandboxProvider, "create" | "remove">;
  owner: Owner;
  /** Limit of the submission. */
  timeoutMs: number;
  progress: Progress;
  signal?: AbortSignal;
}

export interface Graded {
  report: Report;
  /** What running the submission gave; absent where it did not come to that. */
  submitted?: RunResult;
}

/**
 * Grades a submission in a fresh sandbox: set-up, the submission, the checks; the sandbox is removed however it ends. What keeps it from being judged makes each check an
 * `error` in the report. Rejects only when it is aborted.
 */
export async function gradeSubmission(scenario: Scenario, submission: Submission, options: GradeOptions): Promise<Graded> {
  const { progress, signal } = options;
  const startedAt = Date.now();
  let submitted: RunResult | undefined;
  let report: Report | undefined;
  try {
    await freshSandbox(
      scenario,
      options,
    )(async (sandbox) => {
      await progress.phase({ id: "setup", title: "Preparing the task" }, () => setUp(scenario, sandbox, { signal }));
      submitted = await progress.phase({ id: "submission", title: "Running the submission" }, () =>
        submit(scenario, sandbox, submission, { timeoutMs: options.timeoutMs, signal }),
      );
      report = await progress.phase({ id: "checks", title: "Checking" }, () => runChecks(scenario, sandbox, { signal }));
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    // A verdict stands, even where the sandbox could not be removed after it.
    report ??= unjudged(scenario, describeError(error), startedAt);
  }
  return { report: report!, submitted };
}

function unjudged(scenario: Scenario, reason: string, startedAtMs: number): Report {
  return {
    scenario: scenario.slug,
    verdict: "error",
    points: 0,
    maxPoints: scenario.points,
    checks: scenario.checks.map(({ id, title, points }) => ({ id, title, points, outcome: "error", reason, durationMs: 0 })),
    startedAt: new Date(startedAtMs).toISOString(),
    durationMs: Date.now() - startedAtMs,
  };
}
