import type { CheckResult, Report } from "../checks/outcome.ts";
import { EXIT } from "./cli-context.ts";
import { duration } from "./table.ts";

/** A report as lines for the terminal. */
export function showReport(report: Report): string[] {
  const verdicts = { passed: "passed", failed: "not passed", error: "could not be judged" };
  return [
    ...report.checks.flatMap(showResult),
    `${report.points} of ${report.maxPoints} points, ${verdicts[report.verdict]} (${duration(report.durationMs)})`,
  ];
}

function showResult(check: CheckResult): string[] {
  const marks = { passed: "✓", failed: "✗", error: "!" };
  const points = check.points === 0 ? "" : ` (${check.outcome === "passed" ? check.points : 0}/${check.points})`;
  const lines = [`${marks[check.outcome]} ${check.title.en}${points}`];
  if (check.outcome === "failed") lines.push(`    expected: ${check.expected?.en}`, `    found:    ${check.found?.en}`);
  if (check.outcome === "error") lines.push(`    could not be judged: ${check.reason}`);
  return lines;
}

/** The exit status that says a report's verdict. */
export function statusOf(report: Report): number {
  return { passed: EXIT.ok, failed: EXIT.no, error: EXIT.unjudged }[report.verdict];
}
