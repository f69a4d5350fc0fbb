import { DrydockError } from "../errors.ts";
import { classToCsv } from "../grading/class/csv.ts";
import { findPeople, type Person } from "../grading/class/find-people.ts";
import { gradeClass, type Work } from "../grading/class/grade-class.ts";
import { gradingKey, KeptResults, scenarioKeyOf } from "../grading/class/kept-results.ts";
import type { PersonGraded } from "../grading/class/person-graded.ts";
import { type Graded, shortened, ungraded } from "../grading/graded.ts";
import { gradedToJunit } from "../grading/junit.ts";
import { readSubmission } from "../grading/submit.ts";
import { plainLine } from "../plain-text.ts";
import type { Scenario } from "../scenarios/schema.ts";
import { EXIT, type Cli } from "./cli-context.ts";
import { jobsOf, sandboxesThatFit } from "./jobs.ts";
import { writeReports } from "./report-files.ts";
import { showClass, showGraded, summarize } from "./show-class.ts";
import { statusOf } from "./show-report.ts";
import { makeSandboxes } from "./use-platform.ts";

export interface ClassCommand {
  folder: string;
  timeoutMs: number;
  jobs?: number;
  again?: boolean;
  json?: string;
  junit?: string;
  csv?: string;
}

/**
 * Grades the submissions of a class, shows a table and writes the reports. Results are kept as they
 * come, so that the same command goes on where an earlier run was interrupted. Answers the exit
 * status: 2 where one could not be judged, else 1 where one is not passed.
 */
export async function gradeInClass(cli: Cli, scenario: Scenario, command: ClassCommand): Promise<number> {
  const startedAt = Date.now();
  const { people, leftOut } = await findPeople(command.folder);
  for (const line of leftOut) cli.say(`Left out: ${line}`);
  const results = await KeptResults.open(cli.config, scenario.slug, command.folder);
  const { known, works, keys } = await sortOut(scenario, people, results, command);
  cli.say(tellPlan(works.length, people.length, results));

  const keep = async (person: string, graded: Graded) => {
    const short = shortened(graded);
    known.set(person, short);
    cli.say(`[${known.size}/${people.length}] ${showGraded(person, short)}`);
    // A verdict that cannot be kept is shown and reported all the same.
    await results
      .add(person, keys.get(person)!, short)
      .catch((error: Error) => cli.say(`It could not be kept: ${error.message}`));
  };
  if (works.length > 0)
    await gradeAll(cli, scenario, works, command, keep).catch((error: unknown) => {
      if (cli.signal.aborted) {
        cli.say(`${known.size} of ${people.length} are graded; the same command goes on from there`);
        throw error;
      }
      for (const { person } of works) if (!known.has(person)) known.set(person, ungraded(scenario, error, startedAt));
    });

  const graded = people.map(({ name }): PersonGraded => ({ person: name, graded: known.get(name)! }));
  for (const line of showClass(graded)) cli.print(line);
  cli.print(summarize(graded, works.length, Date.now() - startedAt));
  return report(cli, scenario, graded, command);
}

/** What is known already, and what is to be graded. */
async function sortOut(scenario: Scenario, people: readonly Person[], results: KeptResults, { again, timeoutMs }: ClassCommand) {
  const scenarioKey = await scenarioKeyOf(scenario);
  const known = new Map<string, Graded>();
  const keys = new Map<string, string>();
  const works: Work[] = [];
  for (const { name, path, problem } of people) {
    try {
      if (problem) throw new DrydockError("submission.unreadable", problem);
      const submission = await readSubmission(path, scenario.slug);
      const key = await gradingKey(scenarioKey, submission, timeoutMs);
      const before = again ? undefined : results.find(name, key);
      keys.set(name, key);
      if (before) known.set(name, before);
      else works.push({ person: name, submission });
    } catch (error) {
      known.set(name, ungraded(scenario, error, Date.now()));
    }
  }
  return { known, keys, works };
}

function tellPlan(count: number, total: number, { path }: KeptResults): string {
  const rest = total - count;
  return `${count} of ${total} submissions are to be graded${rest > 0 ? `; ${rest} need no sandbox, or were graded before (--again grades them anew)` : ""}. Results are kept in ${path}`;
}

async function gradeAll(
  cli: Cli,
  scenario: Scenario,
  works: readonly Work[],
  { timeoutMs, jobs }: ClassCommand,
  onGraded: (person: string, graded: Graded) => Promise<void>,
): Promise<void> {
  await makeSandboxes(cli, "cli", (provider, progress) =>
    gradeClass(scenario, works, {
      ...{ provider, owner: "cli", timeoutMs, progress, signal: cli.signal, onGraded },
      jobs: jobsOf(jobs),
      most: sandboxesThatFit(),
    }),
  );
}

async function report(
  cli: Cli,
  scenario: Scenario,
  people: readonly PersonGraded[],
  { json, junit, csv }: ClassCommand,
): Promise<number> {
  const problems = await writeReports([
    { path: json, text: () => `${JSON.stringify(classToJson(scenario, people), undefined, 2)}\n` },
    { path: junit, text: () => gradedToJunit(people.map(({ person, graded }) => ({ name: plainLine(person), graded }))) },
    { path: csv, text: () => classToCsv(scenario.checks, people) },
  ]);
  for (const problem of problems) cli.say(problem);
  if (problems.length > 0) return EXIT.unjudged;
  return Math.max(...people.map(({ graded }) => statusOf(graded)));
}

function classToJson(scenario: Scenario, people: readonly PersonGraded[]): object {
  return {
    scenario: scenario.slug,
    maxPoints: scenario.points,
    people: people.map(({ person, graded }) => ({ person, ...graded })),
  };
}
