import { resolve } from "node:path";
import type { DefineCommand } from "./cli-context.ts";
import { runDatabaseProgram } from "./database.ts";

/** `drydock backup <file>` */
export const defineBackup: DefineCommand = (program, cli, exit) => {
  program
    .command("backup")
    .description("save every session and attempt in one file, while the server runs or not")
    .argument("<file>", "where to; a folder gets a file with the date in its name")
    .option("--force", "replace the file where it is there already")
    .action(async (file: string, { force }: { force?: boolean }) => {
      exit(await runDatabaseProgram(cli.config, ["backup", ...(force ? ["--force"] : []), "--", resolve(file)]));
    });
};
