import { execa, ExecaError, type Options } from "execa";
import { DrydockError } from "./errors.ts";

/** The only module that spawns processes. Programs are run by argument vector; no shell string is ever built. */

export interface RunOptions {
  cwd?: string;
  /** Merged over the environment of this process. */
  env?: Record<string, string | undefined>;
  /** Written to the standard input, which is closed after it; without it the standard input is empty. */
  input?: string | Uint8Array;
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Called with each line of standard output and standard error as it arrives. */
  onLine?: (line: string) => void;
  /** Most bytes kept of each stream (default 16 MiB). What is beyond it is cut, the program goes on. */
  maxOutputBytes?: number;
  /** Nice value added to the process (0..19), for work that must not slow a person's terminal. */
  nice?: number;
}

export interface RunResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** True when the time limit ended it; `exitCode` is then 124, as of timeout(1). */
  timedOut: boolean;
  durationMs: number;
}

/**
 * Runs a program to its end and returns what it printed, whatever its exit status.
 * @throws DrydockError `process.missing` when the program is not installed, `process.aborted` when `signal` fired.
 */
export async function tryRun(file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [command, argv] = options.nice ? ["nice", ["-n", String(options.nice), file, ...args]] : [file, [...args]];
  const execaOptions = {
    cwd: options.cwd,
    env: options.env,
    input: options.input,
    stdin: options.input === undefined ? "ignore" : undefined,
    timeout: options.timeoutMs,
    cancelSignal: options.signal,
    maxBuffer: options.maxOutputBytes ?? 16 * 1024 * 1024,
    reject: false,
    stripFinalNewline: false,
    killSignal: "SIGTERM",
    forceKillAfterDelay: 5000,
  } satisfies Options;
  const child = execa(command, argv, execaOptions);
  if (options.onLine) {
    const onLine = options.onLine;
    void (async () => {
      for await (const line of child.iterable({ from: "all" as never, preserveNewlines: false })) onLine(String(line));
    })().catch(() => undefined);
  }
  const result = await child;
  if (result instanceof ExecaError || result.failed) {
    const code = (result as { code?: string }).code;
    if (code === "ENOENT") throw new DrydockError("process.missing", `${file} is not installed`, { cause: result });
    if (result.isCanceled) throw new DrydockError("process.aborted", `${file} was stopped`, { cause: result });
  }
  return {
    exitCode: result.timedOut ? 124 : (result.exitCode ?? 128),
    stdout: String(result.stdout ?? ""),
    stderr: String(result.stderr ?? ""),
    timedOut: result.timedOut,
    durationMs: Math.round(result.durationMs),
  };
}

/**
 * Runs a program that must succeed; returns its standard output.
 * @throws DrydockError `process.failed` with the command and the end of its standard error.
 */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await tryRun(file, args, options);
  if (result.exitCode === 0) return result.stdout;
  const said = (result.stderr.trim() || result.stdout.trim()).split("\n").slice(-12).join("\n");
  const how = result.timedOut ? `took longer than ${options.timeoutMs} ms` : `exited with ${result.exitCode}`;
  throw new DrydockError("process.failed", `${file} ${args.slice(0, 6).join(" ")} ${how}: ${said}`, { cause: result });
}
