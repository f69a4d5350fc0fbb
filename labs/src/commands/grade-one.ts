import { gradeSubmission } from "../grading/grade.ts";
import { type Graded, ungraded } from "../grading/graded.ts";
import { gradedToJunit } from "../grading/junit.ts";
import { readSubmission } from "../grading/submit.ts";
import type { Scenario } from "../scenarios/schema.ts";
import { EXIT, type Cli } from "./cli-context.ts";
import { writeReports } from "./report-files.ts";
import { showReport, showSubmission, statusOf } from "./show-report.ts";
import { makeSandboxes } from "./use-platform.ts";

interface Options {
  path: string;
  timeoutMs: number;
  json?: string;
  junit?: string;
}

/**
 * Grades one submission, shows the result and writes the reports; what keeps it from being graded
 * stands in the reports. Answers the exit status.
 */
export async function gradeOne(cli: Cli, scenario: Scenario, { path, timeoutMs, json, junit }: Options): Promise<number> {
  const graded = await grade(cli, scenario, path, timeoutMs);
  for (const line of showSubmission(graded)) cli.say(line);
  for (const line of showReport(graded)) cli.print(line);
  const problems = await writeReports([
    { path: json, text: () => `${JSON.stringify(graded, undefined, 2)}\n` },
    { path: junit, text: () => gradedToJunit([{ name: scenario.slug, graded }]) },
  ]);
  for (const problem of problems) cli.say(problem);
  return problems.length > 0 ? EXIT.unjudged : statusOf(graded);
}

async function grade(cli: Cli, scenario: Scenario, path: string, timeoutMs: number): Promise<Graded> {
  const startedAt = Date.now();
  try {
    const submission = await readSubmission(path, scenario.slug);
    return await makeSandboxes(cli, "cli", (provider, progress) =>
      gradeSubmission(scenario, submission, { provider, owner: "cli", timeoutMs, progress, signal: cli.signal }),
    );
  } catch (error) {
    if (cli.signal.aborted) throw error;
    return ungraded(scenario, error, startedAt);
  }
}
