import { type CheckResult, describeVerdict, type Report } from "../checks/outcome.ts";
import { wordEnding } from "../grading/ending.ts";
import { type Graded, wordBlame } from "../grading/graded.ts";
import { messageLines, plainLine, quoteBlock } from "../plain-text.ts";
import { EXIT } from "./cli-context.ts";
import { duration } from "./table.ts";

export const VERDICTS = { passed: "passed", failed: "not passed", error: "could not be judged" } as const;
const MARKS = { passed: "✓", failed: "✗", error: "!" } as const;
/** How many lines of what a submission printed are shown. */
const SHOWN_LINES = 10;

/**
 * A report as lines for the terminal. What came out of a sandbox is marked, so that it cannot be
 * taken for lines of ours.
 */
export function showReport(report: Report): string[] {
  return [
    ...report.checks.flatMap(showResult),
    `${report.points} of ${report.maxPoints} points, ${describeVerdict(report).en} (${duration(report.durationMs)})`,
  ];
}

function showResult(check: CheckResult): string[] {
  const points = check.points === 0 ? "" : ` (${check.outcome === "passed" ? check.points : 0}/${check.points})`;
  const lines = [`${MARKS[check.outcome]} ${check.title.en}${points}`];
  const add = (label: string, text: string | undefined) => {
    const [first, ...more] = messageLines(text ?? "");
    lines.push(`    ${label}${first}`, ...more.map((line) => `      ${line}`));
  };
  if (check.outcome === "failed") {
    add("expected: ", check.expected?.en);
    add("found:    ", check.found?.en);
  }
  if (check.outcome === "error") add("could not be judged: ", check.reason);
  return lines;
}

/**
 * What there is to say of a submission besides its report: what was left out of it, how it ended,
 * and the end of what it printed where that was not well.
 */
export function showSubmission({ submission, remarks, blame }: Graded): string[] {
  const { ending, stdout, stderr } = submission;
  const isWell = ending.how === "ended" && ending.exitStatus === 0;
  const said = (stderr.trim() || stdout.trim()).split("\n").slice(-SHOWN_LINES).join("\n");
  return [
    ...remarks.map(plainLine),
    `The submission ${plainLine(wordEnding(ending))}${isWell || !said ? "" : ":"}`,
    ...(isWell || !said ? [] : quoteBlock(said).split("\n")),
    ...(blame ? [plainLine(wordBlame(blame))] : []),
  ];
}

/** The exit status that says a report's verdict. */
export function statusOf(report: Pick<Report, "verdict">): number {
  return { passed: EXIT.ok, failed: EXIT.no, error: EXIT.unjudged }[report.verdict];
}
