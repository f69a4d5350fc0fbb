import type { Log } from "../log.ts";
import type { Machine } from "./machine.ts";

const LOOK_EVERY_MS = 5000;

/** Adds the node image's extras once nobody waits for the machine. Returns what gives it up. */
export function addExtrasWhenIdle(machine: Machine, isBusy: () => boolean, log: Log): () => void {
  const timer = setInterval(() => {
    if (machine.state !== "ready" || isBusy()) return;
    clearInterval(timer);
    machine
      .ready()
      .then((lab) => lab.addExtras())
      .catch((error: unknown) =>
        log.warn({ err: error }, "the extras of the node image could not be added; the next start tries again"),
      );
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
