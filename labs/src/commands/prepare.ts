import { openPlatform } from "../platform.ts";
import { Progress } from "../progress.ts";
import type { DefineCommand } from "./cli-context.ts";
import { showProgress } from "./show-progress.ts";

/** `drydock prepare` */
export const definePrepare: DefineCommand = (program, cli) => {
  program
    .command("prepare")
    .description("bring the container engine, kind and the node image, so that the first sandbox need not wait")
    .action(async () => {
      const progress = new Progress();
      const stop = showProgress(progress, cli);
      const platform = openPlatform(cli.config, progress, { signal: cli.signal });
      await platform.complete.finally(stop);
    });
};
