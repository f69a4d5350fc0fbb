import { fork, spawn } from "node:child_process";
import { constants } from "node:os";
import { execa, type Options } from "execa";
import { DrydockError } from "./errors.ts";
import { KeptOutput, LineSplitter } from "./output.ts";

/**
 * The only module that spawns processes. Programs are run by argument vector; no shell string is
 * ever built.
 */

export interface RunOptions {
  cwd?: string;
  /** Merged over the environment of this process. */
  env?: Record<string, string | undefined>;
  /**
   * Written to the standard input, which is closed after it; without it the standard input is
   * empty.
   */
  input?: string | Uint8Array;
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Called with each line of standard output and standard error as it arrives. */
  onLine?: (line: string) => void;
  /**
   * Most bytes kept of each stream (default 16 MiB). A program may print more: it is read to its
   * end, and never ended or held up for its output.
   */
  maxOutputBytes?: number;
  /**
   * What more output than that means. `fail` (the default): the output is data, and half of it is
   * none, so a success becomes an error. `cut`: it is for people, who read its beginning and its
   * end; `leftOutBytes` says what lies between.
   */
  excess?: "fail" | "cut";
  /** Nice value added to the process (0..19), for work that must not slow a person's terminal. */
  nice?: number;
}

export interface RunResult {
  /** Of a program that a signal ended: 128 and the signal's number, as a shell tells it. */
  exitCode: number;
  stdout: string;
  stderr: string;
  /** True when the time limit ended it; `exitCode` is then 124, as of timeout(1). */
  timedOut: boolean;
  durationMs: number;
  /** The signal that ended it, other than by the time limit: `SIGKILL`. */
  signal?: string;
  /** How many bytes of each stream are not among `stdout` and `stderr`; absent where all are. */
  leftOutBytes?: { stdout: number; stderr: number };
}

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** A program to be run, in a form that can be handed to another process. */
export interface Program extends Pick<RunOptions, "cwd" | "env" | "input" | "timeoutMs" | "maxOutputBytes"> {
  file: string;
  args: readonly string[];
  /** Whether somebody listens to its lines. */
  wantsLines: boolean;
}
export type Outcome = RunResult | "missing" | "aborted";
/** Runs a program to its end. */
export type Execute = (program: Program, hooks: Pick<RunOptions, "signal" | "onLine">) => Promise<Outcome>;

/** Runs it as a child of this process. */
export const executeHere: Execute = async ({ file, args, wantsLines, ...program }, { signal, onLine }) => {
  const execaOptions = {
    cwd: program.cwd,
    env: program.env,
    input: program.input,
    stdin: program.input === undefined ? "ignore" : undefined,
    timeout: program.timeoutMs,
    cancelSignal: signal,
    buffer: false,
    reject: false,
    killSignal: "SIGTERM",
    forceKillAfterDelay: 5000,
  } satisfies Options;
  const child = execa(file, args, execaOptions);
  const limitBytes = program.maxOutputBytes ?? MAX_OUTPUT_BYTES;
  const listen = (stream: NodeJS.ReadableStream) => {
    const kept = new KeptOutput(limitBytes);
    const lines = wantsLines && onLine ? new LineSplitter(onLine) : undefined;
    stream.on("data", (chunk: Buffer) => {
      kept.add(chunk);
      lines?.add(chunk);
    });
    return { kept, lines };
  };
  const [stdout, stderr] = [listen(child.stdout), listen(child.stderr)];
  const result = await child;
  if (result.code === "ENOENT") return "missing";
  if (result.isCanceled) return "aborted";
  stdout.lines?.end();
  stderr.lines?.end();
  const leftOutBytes = { stdout: stdout.kept.leftOutBytes, stderr: stderr.kept.leftOutBytes };
  return {
    exitCode: result.timedOut ? 124 : (result.exitCode ?? 128 + (result.signal ? constants.signals[result.signal] : 0)),
    stdout: stdout.kept.text(),
    stderr: stderr.kept.text(),
    timedOut: result.timedOut,
    durationMs: Math.round(result.durationMs),
    ...(result.signal && !result.timedOut && { signal: result.signal }),
    ...(leftOutBytes.stdout + leftOutBytes.stderr > 0 && { leftOutBytes }),
  };
};

let execute: Execute = executeHere;

/**
 * Says where {@link run} and {@link tryRun} of this process run programs from now on; without, it
 * is this process again. Called by `launchElsewhere` alone.
 */
export function executeIn(elsewhere: Execute = executeHere): void {
  execute = elsewhere;
}

/**
 * Runs a program to its end and returns what it printed, whatever its exit status.
 * @throws DrydockError `process.missing` when the program is not installed, `process.aborted` when
 * `signal` fired, `process.too-much-output` (see {@link RunOptions.excess})
 */
export async function tryRun(file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { nice, signal, onLine, excess = "fail", ...program } = options;
  const [command, argv] = nice ? ["nice", ["-n", String(nice), file, ...args]] : [file, args];
  const outcome = await execute({ ...program, file: command, args: argv, wantsLines: onLine !== undefined }, { signal, onLine });
  if (outcome === "missing") throw new DrydockError("process.missing", `${file} is not installed`);
  if (outcome === "aborted") throw new DrydockError("process.aborted", `${file} was stopped`);
  if (excess === "fail" && outcome.exitCode === 0 && outcome.leftOutBytes?.stdout) {
    const most = options.maxOutputBytes ?? MAX_OUTPUT_BYTES;
    const message = `${file} ${args.slice(0, 6).join(" ")} printed ${outcome.leftOutBytes.stdout} bytes more than the ${most} that are read`;
    throw new DrydockError("process.too-much-output", message, { cause: outcome });
  }
  return outcome;
}

/**
 * Runs a program that must succeed; returns its standard output.
 * @throws DrydockError `process.failed` with the command and the end of its standard error.
 */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await tryRun(file, args, options);
  if (result.exitCode === 0) return result.stdout;
  const said = (result.stderr.trim() || result.stdout.trim()).split("\n").slice(-12).join("\n");
  const how = result.timedOut
    ? `took longer than ${options.timeoutMs} ms`
    : result.signal
      ? `was killed by ${result.signal}`
      : `exited with ${result.exitCode}`;
  throw new DrydockError("process.failed", `${file} ${args.slice(0, 6).join(" ")} ${how}: ${said}`, { cause: result });
}

/**
 * Starts a program that goes on when this process has ended: in a session of its own, without input
 * or output. Nothing is told of its end.
 */
export function startDetached(file: string, args: readonly string[]): void {
  const child = spawn(file, [...args], { detached: true, stdio: "ignore" });
  child.on("error", () => undefined);
  child.unref();
}

/** A child process of our own program that is talked to by messages. */
export interface ModuleProcess {
  readonly pid: number | undefined;
  send(message: unknown): void;
  /** Ends it and whatever it started, at once; may be repeated. */
  kill(): void;
}

export interface ModuleOptions {
  /** The whole environment of the child: nothing of this process's own is handed on. */
  env: Record<string, string>;
  nodeOptions?: readonly string[];
  onMessage: (message: unknown) => void;
  /** What it prints. Listening to it is what keeps the child from waiting for a reader. */
  onOutput: (chunk: Buffer) => void;
  /** Called once, when it has ended for whatever reason. */
  onExit: (how: { exitCode: number | null; signal: string | null }) => void;
}

/**
 * Runs a module, a file or a text, in a node of its own, in a process group of its own, with a
 * message channel (structured clone).
 */
export function startModule(
  module: { path: string; text?: undefined } | { path?: undefined; text: string },
  args: readonly string[],
  options: ModuleOptions,
): ModuleProcess {
  const { path = "-", text } = module;
  const child = fork(path, [...args], {
    env: options.env,
    execArgv: [...(text === undefined ? [] : ["--input-type=module"]), ...(options.nodeOptions ?? [])],
    stdio: ["pipe", "pipe", "pipe", "ipc"],
    serialization: "advanced",
    detached: true,
  });
  const kill = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // The group is gone already.
    }
  };
  child.stdin!.on("error", () => undefined); // its end is told by onExit
  child.stdin!.end(text);
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    options.onExit({ exitCode: child.exitCode, signal: child.signalCode });
  };
  child.on("message", options.onMessage);
  child.stdout!.on("data", options.onOutput);
  child.stderr!.on("data", options.onOutput);
  child.on("error", (error) => {
    options.onOutput(Buffer.from(error.message));
    if (child.pid === undefined) end();
  });
  // Its last messages may be read after "exit"; "close" comes when all were, unless a stranger
  // holds its output open.
  child.on("close", end);
  child.on("exit", () => {
    kill();
    setTimeout(end, 2000).unref();
  });
  return {
    pid: child.pid,
    // A child that has just ended answers nothing: its end is told by onExit.
    send: (message) => void (child.connected && child.send(message as object, () => undefined)),
    kill,
  };
}

/**
 * Runs a program on this terminal: it has our standard input, output and error. Resolves to its
 * exit status.
 */
export function runOnTerminal(
  file: string,
  args: readonly string[],
  options: { env?: Record<string, string> } = {},
): Promise<number> {
  const child = spawn(file, [...args], { stdio: "inherit", env: { ...process.env, ...options.env } });
  // Ctrl-C belongs to the program in front, not to us.
  const ignore = () => undefined;
  process.on("SIGINT", ignore);
  return new Promise<number>((resolve, reject) => {
    child.on("error", (error) => reject(new DrydockError("process.missing", `${file} could not be started`, { cause: error })));
    child.on("exit", (exitCode) => resolve(exitCode ?? 128));
  }).finally(() => process.off("SIGINT", ignore));
}

/** A program whose standard input and output are pipes, for as long as it runs. */
export interface PipedProcess {
  readonly pid: number | undefined;
  /**
   * Writes to its standard input; false means that it is to be paused until `onDrain`. What is
   * written after its end is lost.
   */
  write(bytes: Uint8Array): boolean;
  /**
   * Closes its standard input, and ends it when it does not end by itself in time; may be repeated.
   */
  end(graceMs?: number): void;
}

export interface PipedOptions {
  cwd?: string;
  /** Merged over the environment of this process. */
  env?: Record<string, string>;
  /**
   * This process may end while the program still runs; the program sees the end of its standard
   * input then.
   */
  background?: boolean;
  onOutput: (chunk: Buffer) => void;
  onDrain: () => void;
  /**
   * Called once, when it has ended and all its output was handed over; `said` is the end of its
   * standard error.
   */
  onExit: (how: { exitCode: number | null; signal: string | null; said: string }) => void;
}

/**
 * Starts a program that is talked to through pipes. Never throws: a program that is not there ends
 * at once.
 */
export function startPiped(file: string, args: readonly string[], options: PipedOptions): PipedProcess {
  const { cwd } = options;
  const child = spawn(file, [...args], { cwd, env: { ...process.env, ...options.env }, stdio: ["pipe", "pipe", "pipe"] });
  if (options.background)
    for (const one of [child, child.stdin, child.stdout, child.stderr]) (one as { unref?(): void }).unref?.();
  let said = "";
  let ended = false;
  let killing: NodeJS.Timeout | undefined;
  const end = (exitCode: number | null, signal: string | null) => {
    if (ended) return;
    ended = true;
    clearTimeout(killing);
    options.onExit({ exitCode, signal, said: said.trim() });
  };
  child.stdout.on("data", options.onOutput);
  child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString("utf8")).slice(-2000)));
  child.stdin.on("drain", options.onDrain);
  child.stdin.on("error", () => undefined); // its end is told by onExit
  child.on("error", (error) => {
    said += error.message;
    end(null, null);
  });
  child.on("close", end);
  return {
    pid: child.pid,
    write: (bytes) => (child.stdin.writable ? child.stdin.write(bytes) : true),
    end(graceMs = 1000) {
      child.stdin.end();
      killing ??= setTimeout(() => child.kill("SIGKILL"), graceMs);
      killing.unref();
    },
  };
}

/** Whether there is a process with this number. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is a living one too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
