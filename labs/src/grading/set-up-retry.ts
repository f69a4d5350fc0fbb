import { DrydockError } from "../errors.ts";
import type { Progress } from "../progress.ts";

/** What a retry needs to know of the place where sandboxes come from. */
export interface SetUpWays<S> {
  /**
   * Gives a fresh sandbox. `insteadOf` is one whose set-up failed: it goes away, and is not handed
   * to `discard`.
   */
  make(insteadOf?: S): Promise<S>;
  /** Takes away a sandbox that could not be set up. */
  discard(sandbox: S): Promise<void> | void;
  setUp(sandbox: S): Promise<void>;
  /** Hears of the failure after which it is tried again. */
  onRetry?(error: DrydockError): void;
  progress: Progress;
  signal?: AbortSignal;
}

const PHASE = { id: "setup", title: "Preparing the task" };

/**
 * Makes a sandbox and sets a scenario up in it. A set-up that fails is tried once more on a fresh
 * sandbox: on a busy machine most failures are of that moment. All of it is one phase, so that a
 * person reads of a failure only when it is final.
 * @returns the sandbox that is set up
 * @throws SetUpFailed of the second try, what `make` throws, or what an abort throws; no sandbox is
 * left then
 */
export async function setUpWithRetry<S>({ progress, signal, ...ways }: SetUpWays<S>): Promise<S> {
  let sandbox = await ways.make();
  return progress.phase(PHASE, async (report) => {
    for (let mayRetry = true; ; mayRetry = false) {
      try {
        await ways.setUp(sandbox);
        return sandbox;
      } catch (error) {
        if (!mayRetry || signal?.aborted || !isSetUpFailure(error)) {
          await ways.discard(sandbox);
          throw error;
        }
        ways.onRetry?.(error);
        report("Once more, on a fresh sandbox");
        sandbox = await ways.make(sandbox);
      }
    }
  });
}

function isSetUpFailure(error: unknown): error is DrydockError {
  return error instanceof DrydockError && error.code === "setup.failed";
}
