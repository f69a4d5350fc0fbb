import { join } from "node:path";
import { z } from "zod";
import type { Config } from "../config.ts";
import { run, runOnTerminal } from "../process.ts";

/** A session with a cluster, as the server's database has it. */
const inUseSchema = z.array(
  z.object({ id: z.string(), scenario: z.string(), state: z.string(), sandbox: z.string(), startedAt: z.string() }),
);
export type InUse = z.infer<typeof inUseSchema>;

/**
 * Only the server knows its database: what is done with it on the command line is done by a program
 * of the server's.
 */
function programOf(config: Config, args: readonly string[]): string[] {
  const typescript = import.meta.resolve("tsx");
  return ["--import", typescript, join(config.projectDir, "server/src/database/main.ts"), ...args];
}

/** Runs it on this terminal. @returns its exit status */
export function runDatabaseProgram(config: Config, args: readonly string[]): Promise<number> {
  return runOnTerminal(process.execPath, programOf(config, args));
}

/**
 * The sessions that have a cluster, whether a server runs or not.
 * @throws DrydockError `process.failed`
 */
export async function readSessionsInUse(config: Config, signal: AbortSignal): Promise<InUse> {
  return inUseSchema.parse(JSON.parse(await run(process.execPath, programOf(config, ["in-use"]), { signal, timeoutMs: 30_000 })));
}
