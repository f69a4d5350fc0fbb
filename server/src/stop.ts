import { setMaxListeners } from "node:events";

/**
 * An AbortController that any number of programs may listen to at once, without Node's warning of a
 * leak.
 */
export function newStop(): AbortController {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  return stop;
}
