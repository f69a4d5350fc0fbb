import { setMaxListeners } from "node:events";
import { Command, CommanderError } from "commander";
import { COMMANDS } from "./commands/index.ts";
import { EXIT, type Cli } from "./commands/cli-context.ts";
import { readConfig } from "./config.ts";
import { describeError, DrydockError } from "./errors.ts";

/** The `drydock` command: reads the configuration, runs one command, sets the exit status. Errors are a message and an advice; the stack is shown with DRYDOCK_DEBUG. */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const aborting = new AbortController();
  // Each program that runs listens, and several sandboxes at once run dozens.
  setMaxListeners(0, aborting.signal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (aborting.signal.aborted) process.exit(EXIT.interrupted);
      process.stderr.write("\nStopping; once more to stop at once\n");
      aborting.abort(new DrydockError("cli.interrupted", "Interrupted"));
    });
  }
  process.exitCode = await runCommand(argv, env, aborting.signal);
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
    process.stderr.write(`${env.DRYDOCK_DEBUG && error instanceof Error ? error.stack : describeError(error)}\n`);
    return EXIT.unjudged;
  }
}
