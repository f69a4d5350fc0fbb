import { resolve } from "node:path";
import type { DefineCommand } from "./cli-context.ts";
import { runDatabaseProgram } from "./database.ts";

/** `drydock restore <file>` */
export const defineRestore: DefineCommand = (program, cli, exit) => {
  program
    .command("restore")
    .description(
      "put a backup in the place of the database, which is kept as a dated copy; a server that runs takes it over and is back after a moment",
    )
    .argument("<file>", "what `drydock backup` wrote, or a copy of drydock.db")
    .option("--force", "give the clusters back of running sessions that the backup does not know")
    .action(async (file: string, { force }: { force?: boolean }) => {
      exit(await runDatabaseProgram(cli.config, ["restore", ...(force ? ["--force"] : []), "--", resolve(file)]));
    });
};
