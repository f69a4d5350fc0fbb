import type { XtermTerminal } from "../internals.ts";

/** Has a terminal parse output at once, where an exception of its parser can be caught. */
export function parseNow(terminal: XtermTerminal, output: string): void {
  (terminal as unknown as { _core: { writeSync(output: string): void } })._core.writeSync(output);
}
