import { loadScenarios } from "../scenarios/load.ts";
import { EXIT, type DefineCommand } from "./cli-context.ts";
import { table } from "./table.ts";

/** `drydock list` */
export const defineList: DefineCommand = (program, cli, exit) => {
  program
    .command("list")
    .description("show the scenarios")
    .action(() => {
      const { scenarios, broken } = loadScenarios(cli.config.scenariosDir);
      const rows = scenarios.map((one) => [
        one.slug,
        one.domain,
        one.difficulty,
        `${one.minutes} min`,
        `${one.points} points`,
        one.title.en,
      ]);
      for (const line of table(rows)) cli.print(line);
      for (const { error } of broken) cli.say(error.message);
      if (broken.length > 0) exit(EXIT.no);
    });
};
