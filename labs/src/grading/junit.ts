import type { Report } from "../checks/outcome.ts";
import type { ScenarioContract } from "./contract.ts";

/** Reports as JUnit XML, which every CI system shows: `failure` is a check that failed, `error` one that could not be judged. */

interface Case {
  name: string;
  seconds: number;
  outcome: "passed" | "failed" | "error";
  message?: string;
}

/** A graded attempt: a test case for each check. */
export function reportToJunit(report: Report): string {
  const cases = report.checks.map((check): Case => {
    const found = check.outcome === "failed" ? `expected: ${check.expected?.en}; found: ${check.found?.en}` : check.reason;
    return {
      name: `${check.id}: ${check.title.en} (${check.points} points)`,
      seconds: check.durationMs / 1000,
      outcome: check.outcome,
      message: found,
    };
  });
  return junit([{ name: report.scenario, cases }]);
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
        message: leg.problems.join("\n") || undefined,
      })),
    })),
  );
}

function junit(suites: { name: string; cases: Case[] }[]): string {
  const body = suites.map(({ name, cases }) => {
    const count = (outcome: Case["outcome"]) => cases.filter((one) => one.outcome === outcome).length;
    const seconds = cases.reduce((sum, one) => sum + one.seconds, 0).toFixed(3);
    const head = `<testsuite name="${escape(name)}" tests="${cases.length}" failures="${count("failed")}" errors="${count("error")}" time="${seconds}">`;
    return [`  ${head}`, ...cases.map((one) => testCase(name, one)), "  </testsuite>"].join("\n");
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${body.join("\n")}\n</testsuites>\n`;
}

function testCase(suite: string, { name, seconds, outcome, message = "" }: Case): string {
  const head = `    <testcase classname="${escape(suite)}" name="${escape(name)}" time="${seconds.toFixed(3)}"`;
  if (outcome === "passed") return `${head}/>`;
  const tag = outcome === "failed" ? "failure" : "error";
  return `${head}>\n      <${tag} message="${escape(message.split("\n")[0]!)}">${escape(message)}</${tag}>\n    </testcase>`;
}

/** XML 1.0 has no way of writing most control characters: they are left out. */
function escape(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;" };
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "").replace(/[&<>"\n]/g, (one) => entities[one]!);
}
