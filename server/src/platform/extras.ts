import type { Log } from "../log/log.ts";
import type { Machine } from "./machine.ts";

export interface ExtrasOptions {
  isBusy: () => boolean;
  /** How often is looked whether nobody waits for the machine. */
  lookEveryMs: number;
  onSettled: () => void;
  log: Log;
}

export interface Extras {
  /**
   * Whether they are there, or could not be added: until then nothing is made that would lack them.
   */
  readonly settled: boolean;
  /** Gives it up. */
  stop(): void;
}

/** Adds the node image's extras, and the golden clusters, once nobody waits for the machine. */
export function addExtrasWhenIdle(machine: Machine, { isBusy, lookEveryMs, onSettled, log }: ExtrasOptions): Extras {
  let settled = false;
  const timer = setInterval(() => {
    if (machine.state !== "ready" || isBusy()) return;
    clearInterval(timer);
    machine
      .ready()
      .then((lab) => lab.addExtras())
      .catch((error: unknown) =>
        log.warn({ err: error }, "the extras of the node image could not be added; the next start tries again"),
      )
      .finally(() => {
        settled = true;
        onSettled();
      });
  }, lookEveryMs);
  timer.unref();
  return {
    get settled() {
      return settled;
    },
    stop: () => clearInterval(timer),
  };
}
