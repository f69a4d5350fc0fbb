import { relative } from "node:path";
import { lintScenario } from "../scenarios/lint.ts";
import { scenarioDir, scenarioDirs } from "../scenarios/load.ts";
import { formatProblem } from "../scenarios/problem.ts";
import { EXIT, type DefineCommand } from "./cli-context.ts";

/** `drydock lint [scenario…]` */
export const defineLint: DefineCommand = (program, cli, exit) => {
  program
    .command("lint")
    .description("look for mistakes in scenarios, without a cluster (default: all)")
    .argument("[scenario...]")
    .action(async (names: string[]) => {
      const root = cli.config.scenariosDir;
      const dirs = names.length > 0 ? names.map((name) => scenarioDir(root, name)) : scenarioDirs(root);
      const problems = (await Promise.all(dirs.map(lintScenario))).flat();
      for (const problem of problems) cli.print(formatProblem({ ...problem, file: relative(process.cwd(), problem.file) }));
      const scenarios = dirs.length === 1 ? "1 scenario" : `${dirs.length} scenarios`;
      cli.say(`${scenarios}, ${problems.length === 0 ? "no mistakes" : `mistakes: ${problems.length}`}`);
      if (problems.length > 0) exit(EXIT.no);
    });
};
