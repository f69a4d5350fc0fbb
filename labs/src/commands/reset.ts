import { loadScenario } from "../scenarios/load.ts";
import type { DefineCommand } from "./cli-context.ts";
import { requireCurrent } from "./current.ts";
import { bringUp } from "./up.ts";
import { makeSandboxes } from "./use-platform.ts";

/** `drydock reset` */
export const defineReset: DefineCommand = (program, cli) => {
  program
    .command("reset")
    .description("begin again: a fresh sandbox with the same scenario")
    .action(async () => {
      const scenario = loadScenario((await requireCurrent(cli.config)).scenarioDir);
      await makeSandboxes(cli, "cli", (provider, progress) => bringUp(cli, provider, progress, scenario));
      cli.print(`${scenario.slug} is as at the beginning`);
    });
};
