import type { DefineCommand } from "./cli-context.ts";
import { forgetCurrent, readCurrent } from "./current.ts";
import { usePlatform } from "./use-platform.ts";

/** `drydock down` */
export const defineDown: DefineCommand = (program, cli) => {
  program
    .command("down")
    .description("remove the sandbox")
    .action(async () => {
      const current = await readCurrent(cli.config);
      if (!current) return cli.print("There is no sandbox");
      await usePlatform(cli, (provider) => provider.remove(current.sandbox));
      await forgetCurrent(cli.config);
      cli.print("The sandbox is removed");
    });
};
