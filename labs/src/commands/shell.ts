import { ensureEngine } from "../engine/index.ts";
import { runOnTerminal } from "../process.ts";
import { Progress } from "../progress.ts";
import { terminalCommand } from "../sandbox/terminal-command.ts";
import { loadScenario } from "../scenarios/load.ts";
import type { DefineCommand } from "./cli-context.ts";
import { requireCurrent } from "./current.ts";

/** `drydock shell [host]` */
export const defineShell: DefineCommand = (program, cli, exit) => {
  program
    .command("shell")
    .description("open a shell on a host of the sandbox (default: the task's host)")
    .argument("[host]")
    .action(async (host: string | undefined) => {
      const current = await requireCurrent(cli.config);
      const engine = await ensureEngine(cli.config, new Progress(), { install: false });
      const { file, args, env } = await terminalCommand(engine, current.sandbox, host ?? loadScenario(current.scenarioDir).host);
      exit(await runOnTerminal(file, args, { env }));
    });
};
