import type { CheckResult, Report } from "../checks/outcome.ts";

/**
 * What a scenario's contract says of a report. Each function answers what is wrong, a line each;
 * none: it holds.
 */

/**
 * After set-up no check that is worth points may pass by itself. Guards (0 points) may do as they
 * like.
 */
export function expectUntouched(report: Report): string[] {
  return report.checks
    .filter((check) => check.outcome === "error" || (check.points > 0 && check.outcome === "passed"))
    .map((check) =>
      check.outcome === "error" ? unjudged(check) : `${check.id}: expected to fail before anything is done, but it passed`,
    );
}

/** A valid way passes every check. */
export function expectPasses(report: Report): string[] {
  return report.checks
    .filter((check) => check.outcome !== "passed")
    .map((check) => (check.outcome === "error" ? unjudged(check) : found(check)));
}

/** A near miss or fooling attempt fails the checks that it names, and no other. */
export function expectFails(report: Report, fails: readonly string[]): string[] {
  return report.checks.flatMap((check) => {
    if (check.outcome === "error") return [unjudged(check)];
    const named = fails.includes(check.id);
    if (named && check.outcome === "passed") return [`${check.id}: expected to fail, but it passed`];
    if (!named && check.outcome === "failed") return [`${found(check)} (the script does not name it)`];
    return [];
  });
}

function found(check: CheckResult): string {
  return `${check.id}: expected ${check.expected?.en}; found ${check.found?.en}`;
}

function unjudged(check: CheckResult): string {
  return `${check.id}: could not be judged: ${check.reason}`;
}
