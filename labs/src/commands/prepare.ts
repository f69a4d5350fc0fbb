import { openPlatform } from "../platform.ts";
import { Progress } from "../progress.ts";
import type { DefineCommand } from "./cli-context.ts";
import { showProgress } from "./show-progress.ts";

/** `drydock prepare` */
export const definePrepare: DefineCommand = (program, cli) => {
  program
    .command("prepare")
    .description("bring the container engine, kind and the node image, so that the first sandbox need not wait")
    .option("--no-extras", "leave out what the first sandbox can do without (helm, and what later sandboxes are copied from)")
    .action(async (options: { extras: boolean }) => {
      const progress = new Progress();
      const stop = showProgress(progress, cli);
      try {
        const platform = await openPlatform(cli.config, progress, cli.signal);
        await platform.prepare();
        if (options.extras) await platform.addExtras("cli");
      } finally {
        stop();
      }
    });
};
