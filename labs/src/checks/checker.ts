import { describeError, DrydockError } from "../errors.ts";
import { startModule, type RunResult } from "../process.ts";
import { bundleChecker } from "./bundle.ts";
import type { FromChild, ToChild } from "./protocol.ts";

/**
 * Most that a checker may print. A checker has no reason to print; one that floods is stopped
 * before it costs the server memory.
 */
const MAX_OUTPUT_BYTES = 256 * 1024;
const LOAD_MS = 60_000;
/**
 * A check that keeps its own limit is told so before the checker is stopped; this is for those that
 * keep nothing from running on.
 */
const GRACE_MS = 5000;
const NODE_OPTIONS = ["--max-old-space-size=256", "--enable-source-maps", "--no-warnings"];

export interface CheckerOptions {
  checkPath: string;
  message: Extract<ToChild, { type: "run" | "list" }>;
  onMessage: (message: FromChild) => void;
  /** Runs a program on a host for the checker; its rejection is handed to the check. */
  exec: (call: Extract<FromChild, { type: "exec" }>) => Promise<RunResult>;
  /**
   * Asks the observer for the checker; its rejection is handed to the check. `stop` ends what goes
   * on until it is told to.
   */
  observe: (call: Extract<FromChild, { type: "observe" }>, stop: AbortSignal) => Promise<unknown>;
  /**
   * Limit from its start on. Default: 60 000 to be loaded, then what its checks may take together.
   */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/**
 * Runs a checker module in a process of its own until it is done, and answers why it did not get
 * that far, if it did not: it threw, exited, crashed, hung or flooded. Its process and everything
 * that it started is gone when this resolves. Never rejects.
 */
export async function runChecker(options: CheckerOptions): Promise<string | undefined> {
  try {
    return await runProgram(await bundleChecker(options.checkPath), options);
  } catch (error) {
    return describeError(error);
  }
}

function runProgram(text: string, options: CheckerOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    let output = "";
    let size = 0;
    let ended: string | undefined;
    let finished = false;
    const stops = new Map<number, AbortController>();
    const stop = (why: string) => {
      ended ??= why;
      child.kill();
    };
    const child = startModule({ text }, [options.checkPath], {
      env: {},
      nodeOptions: NODE_OPTIONS,
      onMessage(raw) {
        const message = raw as FromChild;
        if (message.type === "done") finished = true;
        else if (message.type === "broken") ended ??= message.reason;
        else if (message.type === "exec") void answer(message.call, options.exec(message));
        else if (message.type === "observe") {
          const stop = new AbortController();
          stops.set(message.call, stop);
          void answer(message.call, options.observe(message, stop.signal)).finally(() => stops.delete(message.call));
        } else if (message.type === "stop") stops.get(message.call)?.abort();
        else {
          if (message.type === "loaded" && options.timeoutMs === undefined) limit(message.withinMs + GRACE_MS);
          options.onMessage(message);
        }
      },
      onOutput(chunk) {
        size += chunk.length;
        if (output.length < 4096) output += chunk.toString("utf8", 0, 4096);
        if (size > MAX_OUTPUT_BYTES) stop(`It printed more than ${MAX_OUTPUT_BYTES / 1024} KiB`);
      },
      onExit(how) {
        clearTimeout(timer);
        options.signal?.removeEventListener("abort", onAbort);
        child.kill();
        if (finished) return resolve(undefined);
        const said = output.trim() ? `: ${output.trim().slice(0, 1000)}` : "";
        resolve(ended ?? `The checker ended early (${how.signal ?? `exit status ${how.exitCode}`})${said}`);
      },
    });
    let timer: NodeJS.Timeout | undefined;
    const limit = (timeoutMs: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => stop(`The checker took longer than ${timeoutMs / 1000} s`), timeoutMs);
    };
    limit(options.timeoutMs ?? LOAD_MS);
    const onAbort = () => stop("The check was stopped");
    options.signal?.addEventListener("abort", onAbort);
    if (options.signal?.aborted) onAbort();

    async function answer(call: number, result: Promise<unknown>): Promise<void> {
      const answered = await result.then(
        (found) => ({ result: found }),
        (error: unknown) => ({
          error: { code: error instanceof DrydockError ? error.code : "", message: (error as Error).message },
        }),
      );
      child.send({ type: "answered", call, ...answered } satisfies ToChild);
    }
    child.send(options.message);
  });
}
