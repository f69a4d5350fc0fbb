import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { DrydockError } from "../errors.ts";
import type { RunResult } from "../process.ts";
import type { Scenario } from "../scenarios/schema.ts";
import { type BegunSandbox, recordBeginning } from "./beginning.ts";
import { runScript, wordFailure } from "./script.ts";
import { SetUpFailed } from "./set-up-failed.ts";

/** Longest time that one set-up script may take. */
export const SETUP_TIMEOUT_MS = 180_000;

/** Most lines of a script's output that its error keeps. */
const KEPT_LINES = 30;

/**
 * Prepares a sandbox for a scenario: `setup.sh` on controlplane first, then those of the other
 * hosts. It may be repeated. Nothing of the scripts stays in the sandbox.
 * @throws SetUpFailed with the end of what the script printed; DrydockError `process.aborted`
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
      throw new SetUpFailed(`${what} could not be run: ${(cause as Error).message}`, { cause });
    });
    if (result.exitCode !== 0) throw new SetUpFailed(`${what} ${wordFailure(result, timeoutMs)}`, { output: ending(result) });
  }
  await recordBeginning(scenario, sandbox).catch((cause: unknown) => {
    throw new SetUpFailed(`Noting down how ${scenario.slug} begins failed: ${(cause as Error).message}`, { cause });
  });
}

function ending({ stdout, stderr }: RunResult): string {
  return `${stdout}\n${stderr}`.trim().split("\n").slice(-KEPT_LINES).join("\n");
}
