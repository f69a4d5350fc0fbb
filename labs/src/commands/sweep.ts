import { setTimeout as sleep } from "node:timers/promises";
import { findEngine } from "../engine/index.ts";
import { DrydockError } from "../errors.ts";
import { isRunning } from "../process.ts";
import { createKindProvider } from "../sandbox/index.ts";
import type { DefineCommand } from "./cli-context.ts";
import { removeLeftOver } from "./use-platform.ts";

const PAUSE_MS = 200;
/**
 * An engine that was told to make something goes on for a moment when the one who told it is gone.
 */
const LATECOMERS_MS = 4000;

/**
 * `drydock sweep <pid>`: removes what another command has left that was told to stop at once. It is
 * started by that one, and not for people.
 */
export const defineSweep: DefineCommand = (program, cli) => {
  program
    .command("sweep", { hidden: true })
    .argument("<pid>")
    .action(async (pid: string) => {
      while (isRunning(Number(pid))) await sleep(PAUSE_MS, undefined, { signal: cli.signal });
      const { engine } = await findEngine(cli.config);
      if (!engine) return;
      const makesNothing = () => Promise.reject(new DrydockError("sweep.makes-nothing", "Removing sandboxes makes none"));
      const provider = createKindProvider({ config: cli.config, engine, kindPath: makesNothing, nodeImage: makesNothing });
      await removeLeftOver(provider, "cli");
      await removeLeftOver(provider, "test");
      await sleep(LATECOMERS_MS, undefined, { signal: cli.signal });
      await removeLeftOver(provider, "cli");
      await removeLeftOver(provider, "test");
    });
};
