import { setTimeout as sleep } from "node:timers/promises";
import type { TestWindow } from "../../../server/src/testing/window.ts";

/** A fast typist's pace. */
const PAUSE_MS = 30;
const LINE = 40;
/** A key that is not echoed in this time counts with it, so that a hang is a number too. */
export const PATIENCE_MS = 10_000;

/**
 * Types key after key at a shell's prompt, until at least so many were typed and `going` has
 * resolved (a fault takes its time to be at work).
 * @returns how long each took, in milliseconds, from being sent to being there as output
 */
export async function echoTimes(
  window: TestWindow,
  keys: number,
  going: Promise<unknown> = Promise.resolve(),
): Promise<number[]> {
  const times: number[] = [];
  let isGoing = false;
  void going.then(
    () => (isGoing = true),
    () => (isGoing = true),
  );
  for (let typed = 0; times.length < keys || !isGoing; typed += 1) {
    // Ctrl-U empties the line: it stays on one row of the screen.
    times.push(await echoTime(window, typed % LINE === LINE - 1 ? "\x15" : "k"));
    await sleep(PAUSE_MS);
  }
  window.type("\x15");
  return times;
}

function echoTime(window: TestWindow, key: string): Promise<number> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const end = () => {
      clearTimeout(timer);
      window.socket.off("message", seen);
      resolve(performance.now() - startedAt);
    };
    const seen = (_data: unknown, isBinary: boolean) => isBinary && end();
    const timer = setTimeout(end, PATIENCE_MS);
    window.socket.on("message", seen);
    window.type(key);
  });
}
