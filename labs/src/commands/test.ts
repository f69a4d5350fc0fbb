import type { Leg, ScenarioContract } from "../grading/contract.ts";
import { contractsToJunit } from "../grading/junit.ts";
import { createLoad, parseLoad } from "../grading/load.ts";
import { runContracts } from "../grading/run-contracts.ts";
import { messageLines } from "../plain-text.ts";
import { loadScenarios } from "../scenarios/load.ts";
import { EXIT, findScenario, type Cli, type DefineCommand } from "./cli-context.ts";
import { jobsOf, parseJobs } from "./jobs.ts";
import { prepareReports, writeReports } from "./report-files.ts";
import { duration, table } from "./table.ts";
import { makeSandboxes } from "./use-platform.ts";

const MARKS = { passed: "✓", failed: "✗", error: "!" } as const;

interface Options {
  jobs?: number;
  load?: string;
  json?: string;
  junit?: string;
}

/** `drydock test [scenario…]` */
export const defineTest: DefineCommand = (program, cli, exit) => {
  program
    .command("test")
    .description(
      "run the contract of scenarios on real clusters (default: all); exit status 0 it holds, 1 it does not, 2 could not be judged",
    )
    .argument("[scenario...]")
    .option("--jobs <n>", "how many sandboxes at once (default: as memory and processors allow)", parseJobs)
    .option("--load <n>", "take the processor away: n busy processes for each core while set-ups, scripts and checks run")
    .option("--json <file>", "write the legs as JSON")
    .option("--junit <file>", "write the legs as JUnit XML")
    .action(async (names: string[], options: Options) => {
      const scenarios = names.length > 0 ? names.map((name) => findScenario(cli, name)) : loadAll(cli);
      const load = options.load === undefined ? undefined : createLoad(parseLoad(options.load));
      await prepareReports({ json: options.json, junit: options.junit });
      const startedAt = Date.now();
      const contracts = await makeSandboxes(cli, "test", (provider) => {
        const onLeg = (slug: string, leg: Leg) => {
          cli.say(`${MARKS[leg.outcome]} ${slug}: ${leg.name} (${duration(leg.durationMs)})`);
          for (const line of leg.problems.flatMap(messageLines)) cli.say(`      ${line}`);
        };
        const jobs = jobsOf(options.jobs);
        return runContracts(scenarios, { provider, owner: "test", jobs, signal: cli.signal, onLeg, load });
      });
      for (const line of showContracts(contracts)) cli.print(line);
      cli.say(`Took ${duration(Date.now() - startedAt)}`);
      const unwritten = await writeReports([
        { path: options.json, text: () => `${JSON.stringify({ scenarios: contracts }, undefined, 2)}\n` },
        { path: options.junit, text: () => contractsToJunit(contracts) },
      ]);
      for (const problem of unwritten) cli.say(problem);
      const outcomes = new Set(contracts.flatMap((one) => one.legs).map((leg) => leg.outcome));
      if (unwritten.length > 0) return exit(EXIT.unjudged);
      exit(outcomes.has("failed") ? EXIT.no : outcomes.has("error") ? EXIT.unjudged : EXIT.ok);
    });
};

function loadAll(cli: Cli) {
  const { scenarios, broken } = loadScenarios(cli.config.scenariosDir);
  if (broken[0]) throw broken[0].error;
  return scenarios;
}

/** A row for each leg; below a leg that does not hold, what is wrong. */
export function showContracts(contracts: readonly ScenarioContract[]): string[] {
  const rows = contracts.flatMap(({ slug, legs }) =>
    legs.map((leg) => ({ leg, cells: [slug, leg.name, MARKS[leg.outcome], duration(leg.durationMs)] })),
  );
  const lines = table(rows.map((row) => row.cells));
  return rows.flatMap(({ leg }, at) => [lines[at]!, ...leg.problems.flatMap(messageLines).map((line) => `      ${line}`)]);
}
