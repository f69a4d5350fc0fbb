import { setTimeout as sleep } from "node:timers/promises";
import type { Verdict } from "./verdict.ts";

export interface EventuallyOptions {
  /** Longest wait; default 10 000. */
  withinMs?: number;
  /** Pause between two tries; default 300. */
  everyMs?: number;
  /**
   * Whether something is still on its way to what it will be. Default: `kube.inTransition()`: pods
   * being made, started or ended, objects whose controller has not seen their latest version,
   * Services whose endpoints have just changed. Where nothing is, a failure is told at once.
   */
  converging?: () => boolean | Promise<boolean>;
  signal?: AbortSignal;
}

/**
 * Repeats a judgement until it passes, until nothing is converging any more, or until the time is
 * up, and answers the last verdict. At once when it passes at the first try; after two tries when
 * nothing converges (the second because the state may have arrived between the first one and the
 * look at what converges). What the function throws is tried again likewise, and thrown at the end:
 * then the state could not be judged.
 */
export type Eventually = (judge: () => Verdict | Promise<Verdict>, options?: EventuallyOptions) => Promise<Verdict>;

/** Makes {@link Eventually} with the default answer to "is anything converging?". */
export function createEventually(defaultConverging: () => Promise<boolean>): Eventually {
  return async (judge, options = {}) => {
    const { withinMs = 10_000, everyMs = 300, converging = defaultConverging, signal } = options;
    const deadline = performance.now() + withinMs;
    for (;;) {
      const first = await attempt(judge);
      if (first.verdict?.outcome === "passed") return first.verdict;
      const late = performance.now() + everyMs >= deadline;
      if (late || !(await isConverging(converging))) return settle(late ? first : await attempt(judge));
      await sleep(everyMs, undefined, { signal });
    }
  };
}

type Attempt = { verdict: Verdict; error?: undefined } | { verdict?: undefined; error: unknown };

async function attempt(judge: () => Verdict | Promise<Verdict>): Promise<Attempt> {
  try {
    return { verdict: await judge() };
  } catch (error) {
    return { error };
  }
}

/** A cluster that can't be asked (an API server that restarts) is taken to be on its way back. */
async function isConverging(converging: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await converging();
  } catch {
    return true;
  }
}

function settle(attempt: Attempt): Verdict {
  if (attempt.verdict) return attempt.verdict;
  throw attempt.error;
}
