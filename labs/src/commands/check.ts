import { runChecks } from "../checks/run.ts";
import { loadScenario } from "../scenarios/load.ts";
import type { DefineCommand } from "./cli-context.ts";
import { requireCurrent } from "./current.ts";
import { showReport, statusOf } from "./show-report.ts";
import { usePlatform } from "./use-platform.ts";

/** `drydock check` */
export const defineCheck: DefineCommand = (program, cli, exit) => {
  program
    .command("check")
    .description("judge the state of the sandbox; exit status 0 passed, 1 not passed, 2 could not be judged")
    .action(async () => {
      const current = await requireCurrent(cli.config);
      const scenario = loadScenario(current.scenarioDir);
      const report = await usePlatform(cli, async (provider) =>
        runChecks(scenario, await provider.open(current.sandbox), { signal: cli.signal }),
      );
      for (const line of showReport(report)) cli.print(line);
      exit(statusOf(report));
    });
};
