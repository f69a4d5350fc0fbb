import type { CheckResult } from "../checks/outcome.ts";
import { messageLines, plainText, quoteBlock } from "../plain-text.ts";
import type { ScenarioContract } from "./contract.ts";
import { type Ending, wordEnding } from "./ending.ts";
import { type Graded, shortened, wordBlame } from "./graded.ts";

/**
 * Reports as JUnit XML, which every CI system shows: `failure` is a check that failed, `error` one
 * that could not be judged.
 */

interface Case {
  name: string;
  seconds: number;
  outcome: "passed" | "failed" | "error";
  message?: string;
}

/**
 * Graded submissions: a suite for each, named as given, with a test case for each check. How the
 * submission ended is among the suite's properties and begins its output.
 */
export function gradedToJunit(suites: readonly { name: string; graded: Graded }[]): string {
  return junit(suites.map(({ name, graded }) => suiteOf(name, shortened(graded))));
}

function suiteOf(name: string, { checks, submission, blame, remarks, startedAt }: Graded): Suite {
  const words = [`The submission ${wordEnding(submission.ending)}`, ...(blame ? [wordBlame(blame)] : []), ...remarks];
  return {
    name,
    startedAt,
    cases: checks.map(checkCase),
    properties: { ...endingProperties(submission.ending), ...(blame && { blame: blame.whose }) },
    output: [...words, quoteBlock(submission.stdout)].join("\n"),
    errors: quoteBlock(submission.stderr),
  };
}

function checkCase(check: CheckResult): Case {
  const found = check.outcome === "failed" ? `expected: ${check.expected?.en}; found: ${check.found?.en}` : check.reason;
  return {
    name: `${check.id}: ${check.title.en} (${check.points} points)`,
    seconds: check.durationMs / 1000,
    outcome: check.outcome,
    message: messageLines(found ?? "").join("\n"),
  };
}

function endingProperties(ending: Ending): Record<string, string> {
  const { how, ...more } = ending;
  const named = Object.entries(more).map(([name, value]) => [`submission.${name}`, String(value)]);
  return { "submission.ending": how, ...Object.fromEntries(named) };
}

/** Contract tests: a suite for each scenario, a test case for each leg. */
export function contractsToJunit(contracts: readonly ScenarioContract[]): string {
  return junit(
    contracts.map(({ slug, legs }) => ({
      name: slug,
      cases: legs.map((leg): Case => ({
        name: leg.name,
        seconds: leg.durationMs / 1000,
        outcome: leg.outcome,
        message: leg.problems.flatMap(messageLines).join("\n") || undefined,
      })),
    })),
  );
}

interface Suite {
  name: string;
  cases: Case[];
  /** ISO 8601. */
  startedAt?: string;
  properties?: Record<string, string>;
  output?: string;
  errors?: string;
}

function junit(suites: Suite[]): string {
  const body = suites.map(({ name, cases, startedAt, properties = {}, output, errors }) => {
    const count = (outcome: Case["outcome"]) => cases.filter((one) => one.outcome === outcome).length;
    const seconds = cases.reduce((sum, one) => sum + one.seconds, 0).toFixed(3);
    const time = `time="${seconds}"${startedAt ? ` timestamp="${escape(startedAt)}"` : ""}`;
    const head = `<testsuite name="${escape(name)}" tests="${cases.length}" failures="${count("failed")}" errors="${count("error")}" ${time}>`;
    const named = Object.entries(properties).map(
      ([key, value]) => `      <property name="${escape(key)}" value="${escape(value)}"/>`,
    );
    return [
      `  ${head}`,
      ...(named.length > 0 ? ["    <properties>", ...named, "    </properties>"] : []),
      ...cases.map((one) => testCase(name, one)),
      ...(output ? [`    <system-out>${escape(output)}</system-out>`] : []),
      ...(errors && errors !== "|" ? [`    <system-err>${escape(errors)}</system-err>`] : []),
      "  </testsuite>",
    ].join("\n");
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${body.join("\n")}\n</testsuites>\n`;
}

function testCase(suite: string, { name, seconds, outcome, message = "" }: Case): string {
  const head = `    <testcase classname="${escape(suite)}" name="${escape(name)}" time="${seconds.toFixed(3)}"`;
  if (outcome === "passed") return `${head}/>`;
  const tag = outcome === "failed" ? "failure" : "error";
  return `${head}>\n      <${tag} message="${escape(message.split("\n")[0]!)}">${escape(message)}</${tag}>\n    </testcase>`;
}

/**
 * XML 1.0 has no way of writing most control characters: they are left out, as all that a terminal
 * or a CI system would obey.
 */
function escape(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;" };
  return plainText(text).replace(/[&<>"\n]/g, (one) => entities[one]!);
}
