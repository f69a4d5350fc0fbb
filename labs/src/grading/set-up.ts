import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { DrydockError } from "../errors.ts";
import type { Scenario } from "../scenarios/schema.ts";
import { type BegunSandbox, recordBeginning } from "./beginning.ts";
import { runScript, scriptFailed } from "./script.ts";

/** Longest time that one set-up script may take. */
export const SETUP_TIMEOUT_MS = 180_000;

/**
 * Prepares a sandbox for a scenario: `setup.sh` on controlplane first, then those of the other hosts. It may be repeated. Nothing of the scripts stays in the sandbox.
 * @throws DrydockError `setup.failed` with the end of what the script printed
 */
export async function setUp(
  scenario: Scenario,
  sandbox: BegunSandbox,
  options: { signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<void> {
  const timeoutMs = options.timeoutMs ?? SETUP_TIMEOUT_MS;
  const hosts = Object.keys(scenario.setups).sort((a, b) => Number(b === "controlplane") - Number(a === "controlplane"));
  for (const host of hosts) {
    const path = scenario.setups[host]!;
    const what = `Setting up ${scenario.slug} (${basename(path)} on ${host})`;
    const result = await runScript(sandbox, host, await readFile(path, "utf8"), {
      as: "setup",
      timeoutMs,
      signal: options.signal,
    }).catch((cause: unknown) => {
      if (cause instanceof DrydockError && cause.code === "process.aborted") throw cause;
      throw new DrydockError("setup.failed", `${what} could not be run: ${(cause as Error).message}`, {
        advice: "Reset the sandbox and try again",
        cause,
      });
    });
    if (result.exitCode === 0) continue;
    const error = scriptFailed("setup.failed", what, result, timeoutMs);
    throw new DrydockError(error.code, error.message, { advice: "Reset the sandbox and try again", cause: error });
  }
  await recordBeginning(scenario, sandbox);
}
