import { findEngine } from "../engine/index.ts";
import { clean } from "../sandbox/clean.ts";
import type { DefineCommand } from "./cli-context.ts";
import { forgetCurrent } from "./current.ts";

/** `drydock clean` */
export const defineClean: DefineCommand = (program, cli) => {
  program
    .command("clean")
    .description("remove every container, volume, network and image of this installation, and say what was removed")
    .option("--everybody", "those of other installations (data directories) on this engine too")
    .option("--keep-images", "leave the node image, which takes minutes to make")
    .action(async (options: { everybody?: boolean; keepImages?: boolean }) => {
      const { engine } = await findEngine(cli.config);
      if (!engine) return cli.print("There is no container engine, so there is nothing to remove");
      const removed = Object.entries(await clean(engine, cli.config, options));
      await forgetCurrent(cli.config);
      for (const [kind, names] of removed) for (const name of names) cli.print(`removed ${kind.replace(/s$/, "")} ${name}`);
      if (removed.every(([, names]) => names.length === 0)) cli.print("There was nothing to remove");
    });
};
