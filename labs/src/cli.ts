import { setMaxListeners } from "node:events";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { watchAncestors } from "./ancestors.ts";
import { COMMANDS } from "./commands/index.ts";
import { EXIT, type Cli } from "./commands/cli-context.ts";
import { readConfig } from "./config.ts";
import { describeError, DrydockError } from "./errors.ts";
import { messageLines } from "./plain-text.ts";
import { startDetached } from "./process.ts";

/** The program of this very command, for one that is started by it. */
const PROGRAM = fileURLToPath(new URL("../bin/drydock.mjs", import.meta.url));

/**
 * The `drydock` command: reads the configuration, runs one command, sets the exit status. Errors
 * are a message and an advice; the stack is shown with DRYDOCK_DEBUG.
 */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  toleratePipesThatEnd();
  const aborting = new AbortController();
  // Each program that runs listens, and several sandboxes at once run dozens.
  setMaxListeners(0, aborting.signal);
  const stop = (why: string) => {
    process.stderr.write(`\n${why}\n`);
    aborting.abort(new DrydockError("cli.interrupted", "Interrupted"));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (!aborting.signal.aborted)
        return stop("Stopping, and removing what was begun; once more to have that done in the background");
      // What is left is removed all the same, by a process that no key reaches.
      startDetached(process.execPath, [PROGRAM, "sweep", String(process.pid)]);
      process.exit(EXIT.interrupted);
    });
  }
  watchAncestors(() => stop("The process that this was started by has ended: stopping, and removing what was begun"));
  process.exitCode = await runCommand(argv, env, aborting.signal);
}

/** Whoever reads our output may have read enough (`| head`): what is said after that is dropped. */
function toleratePipesThatEnd(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}

async function runCommand(argv: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<number> {
  try {
    const cli: Cli = {
      config: readConfig(env),
      signal,
      print: (line = "") => void process.stdout.write(`${line}\n`),
      say: (line = "") => void process.stderr.write(`${line}\n`),
      live: process.stderr.isTTY === true,
    };
    const program = new Command("drydock")
      .description("Practice for the Certified Kubernetes Administrator exam, on real clusters")
      .exitOverride();
    let status: number = EXIT.ok;
    for (const define of COMMANDS) define(program, cli, (exitStatus) => (status = exitStatus));
    await program.parseAsync(argv);
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.unjudged;
    if (signal.aborted) return EXIT.interrupted;
    const text = env.DRYDOCK_DEBUG && error instanceof Error ? error.stack! : describeError(error);
    process.stderr.write(`${messageLines(text).join("\n")}\n`);
    return EXIT.unjudged;
  }
}
