import { fileURLToPath } from "node:url";
import { DrydockError } from "../errors.ts";
import { type Execute, executeHere, executeIn, type ModuleProcess, type Outcome, startModule } from "../process.ts";
import type { FromLauncher, ToLauncher } from "./messages.ts";

interface Call {
  onLine: ((line: string) => void) | undefined;
  resolve: (outcome: Outcome) => void;
  reject: (error: Error) => void;
}

/**
 * From now on this process runs programs from a {@link Launcher}.
 * @returns ends that, and its process
 */
export function launchElsewhere(): () => void {
  const launcher = new Launcher();
  executeIn(launcher.execute);
  return () => {
    executeIn();
    launcher.stop();
  };
}

/**
 * Runs programs from a small process of its own, for a process that must not stand still. Whoever
 * starts a program stands still until the kernel has copied their memory's tables and has let the
 * child begin: 12 ms for a server of 200 MB and 3 for this one, up to 60 while a cluster boots, up
 * to 500 beside a fork bomb (Linux 6.18, two cores; libuv waits for the child's exec). A key's echo
 * would wait for it.
 */
export class Launcher {
  readonly #calls = new Map<number, Call>();
  #child: ModuleProcess | undefined;
  #isReady = false;
  #last = 0;

  /**
   * As {@link executeHere}; starts the process where there is none, and runs programs here until it
   * is ready: whoever comes back to a server that has just restarted waits for the engine.
   * @throws DrydockError `process.launcher-lost` when that ends before the program does, which is
   * killed then
   */
  readonly execute: Execute = (program, { signal, onLine }) => {
    if (signal?.aborted) return Promise.resolve("aborted");
    const child = (this.#child ??= this.#start());
    if (!this.#isReady) return executeHere(program, { signal, onLine });
    const call = ++this.#last;
    const send = (message: ToLauncher) => child.send(message);
    const abort = () => send({ type: "abort", call });
    return new Promise<Outcome>((resolve, reject) => {
      this.#calls.set(call, { onLine, resolve, reject });
      signal?.addEventListener("abort", abort, { once: true });
      send({ type: "run", call, program });
    }).finally(() => {
      this.#calls.delete(call);
      signal?.removeEventListener("abort", abort);
    });
  };

  /** Whether programs are run in its process. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** The number of its process, while there is one. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends the process, and what it still runs. */
  stop(): void {
    this.#child?.kill();
  }

  #start(): ModuleProcess {
    let said = "";
    return startModule({ path: fileURLToPath(import.meta.resolve("./child.ts")) }, [], {
      env: { ...process.env } as Record<string, string>,
      nodeOptions: ["--import", import.meta.resolve("tsx/esm"), "--no-warnings"],
      onMessage: (message) => this.#hear(message as FromLauncher),
      onOutput: (chunk) => (said = (said + chunk.toString("utf8")).slice(-2000)),
      onExit: () => {
        this.#child = undefined;
        this.#isReady = false;
        const text = `The process that runs programs ended${said ? `: ${said.trim()}` : ""}`;
        const error = new DrydockError("process.launcher-lost", text, { advice: "Try again" });
        for (const { reject } of this.#calls.values()) reject(error);
      },
    });
  }

  #hear(message: FromLauncher): void {
    if (message.type === "ready") {
      this.#isReady = true;
      return;
    }
    const call = this.#calls.get(message.call);
    if (message.type === "line") call?.onLine?.(message.line);
    else if (message.type === "ended") call?.resolve(message.outcome);
    else call?.reject(new Error(message.error));
  }
}
