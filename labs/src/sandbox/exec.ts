import type { Engine } from "../engine/engine.ts";
import { DrydockError } from "../errors.ts";
import type { RunResult } from "../process.ts";
import { EXEC_PROGRAM } from "./exec-program.ts";
import type { ExecOptions } from "./provider.ts";

const CLEAN_ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LANG: "C.UTF-8",
};
/** How long the engine may take beyond the limit of the program itself. */
const GRACE_MS = 5000;

/**
 * Runs a program in a container by argument vector, with a clean environment and, under a limit, as
 * a process group that ends with it (it outlives its `exec` otherwise). Both are done by
 * drydock-exec, which needs nothing of what a learner may have changed there.
 * @throws DrydockError `sandbox.lost` when the container is gone, `sandbox.frozen` when it is
 * paused, `process.aborted`
 */
export async function execInContainer(
  engine: Engine,
  container: string,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<RunResult> {
  const { user, cwd, input, timeoutMs, signal, maxOutputBytes, excess } = options;
  const flags = [...(input === undefined ? [] : ["-i"]), ...(user ? ["-u", user] : []), ...(cwd ? ["-w", cwd] : [])];
  const environment = Object.entries({ ...CLEAN_ENVIRONMENT, ...options.env }).flatMap(([key, value]) => [
    "--env",
    `${key}=${value}`,
  ]);
  const limit = timeoutMs === undefined ? [] : ["--timeout", `${timeoutMs}ms`];
  const result = await engine.tryRun(["exec", ...flags, container, EXEC_PROGRAM, ...environment, ...limit, "--", ...argv], {
    input,
    signal,
    maxOutputBytes,
    excess,
    timeoutMs: timeoutMs === undefined ? undefined : timeoutMs + GRACE_MS,
  });
  if (result.exitCode !== 0 && !result.timedOut) await throwIfNotRunning(engine, container, result);
  const timedOut = result.timedOut || (timeoutMs !== undefined && result.exitCode === 124 && result.durationMs >= timeoutMs);
  return { ...result, timedOut };
}

/**
 * A failure whose words are the engine's may mean that the container is not there: ask, rather than
 * understand the words.
 */
async function throwIfNotRunning(engine: Engine, container: string, result: RunResult): Promise<void> {
  if (result.stdout !== "" || !/error|cannot|unable/i.test(result.stderr)) return;
  const inspected = await engine.tryRun(["container", "inspect", "--format", "{{.State.Status}}", container]);
  const status = inspected.exitCode === 0 ? inspected.stdout.trim() : "gone";
  if (status === "running") return;
  if (status === "paused")
    throw new DrydockError("sandbox.frozen", `${container} is frozen`, { advice: "Thaw the sandbox first" });
  throw new DrydockError("sandbox.lost", `${container} is no longer running (${status})`, { advice: "Start a new sandbox" });
}

/**
 * As {@link execInContainer}, and must succeed; returns standard output.
 * @throws DrydockError `sandbox.exec`
 */
export async function mustExec(
  engine: Engine,
  container: string,
  argv: readonly string[],
  options?: ExecOptions,
): Promise<string> {
  const result = await execInContainer(engine, container, argv, options);
  if (result.exitCode === 0) return result.stdout;
  const said = (result.stderr.trim() || result.stdout.trim()).split("\n").slice(-8).join("\n");
  const how = result.timedOut ? "ran out of time" : `exited with ${result.exitCode}`;
  throw new DrydockError("sandbox.exec", `${argv[0]} in ${container} ${how}: ${said}`, { cause: result });
}

/**
 * The program that writes its standard input to a file, making its folder; mode is octal text. The
 * input goes through a pipe from inside: in a user namespace one that the machine's root made
 * cannot be opened by the name /dev/stdin.
 */
export function installInput(path: string, mode: string): string[] {
  return ["/bin/sh", "-c", 'cat | install -D -m "$1" /dev/stdin "$2"', "sh", mode, path];
}
