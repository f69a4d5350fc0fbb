import { relative } from "node:path";
import { writeSkeleton } from "../scenarios/skeleton.ts";
import type { DefineCommand } from "./cli-context.ts";

/** `drydock new <slug>` */
export const defineNew: DefineCommand = (program, cli) => {
  program
    .command("new")
    .description("write a scenario to begin with")
    .argument("<slug>", "its name: words joined by hyphens")
    .action((slug: string) => {
      const dir = writeSkeleton(cli.config.scenariosDir, slug);
      cli.print(`Written to ${relative(process.cwd(), dir)}; then: drydock lint ${slug}, drydock test ${slug}`);
    });
};
