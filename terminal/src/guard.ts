import { type Internals, internalsOf, type XtermTerminal } from "./internals.ts";

/** The part of xterm.js's API that handlers are added by. */
export interface GuardedTerminal extends XtermTerminal {
  readonly parser: {
    registerCsiHandler(
      id: { prefix?: string; final: string },
      handler: (params: (number | number[])[]) => boolean,
    ): { dispose(): void };
  };
}

/**
 * Commands that xterm.js does once for each of as many times as the output says, by their final
 * character.
 */
const REPEATED = {
  S: "scrollUp",
  T: "scrollDown",
  L: "insertLines",
  M: "deleteLines",
  I: "cursorForwardTab",
  Z: "cursorBackwardTab",
  b: "repeatPrecedingCharacter",
} as const satisfies Record<string, keyof Internals["_inputHandler"]>;

/**
 * Keeps output from breaking or stopping a terminal. xterm.js 6.0.0
 * - throws at "erase above" (CSI 1 J) in the last column of the last line there is, as it looks for
 *   a line below; an exception in its parser ends a process, and leaves a page's terminal deaf.
 *   There it is the same as "erase all".
 * - scrolls, tabulates and repeats up to 2147483647 times, one by one, and nothing else has its
 *   turn for minutes. More often than there are rows, columns or cells on the screen changes
 *   nothing there.
 */
export function guardTerminal(terminal: GuardedTerminal): void {
  const { buffers, _inputHandler: input } = internalsOf(terminal);
  for (const prefix of [undefined, "?"])
    terminal.parser.registerCsiHandler({ prefix, final: "J" }, ([what]) => {
      const { x, y, lines } = buffers.active;
      if (what !== 1 || x + 1 < terminal.cols || y + 1 < lines.length) return false;
      return input.eraseInDisplay({ params: [2] }, prefix === "?");
    });
  const mostTimes = (final: string): number => {
    if (final === "I" || final === "Z") return terminal.cols;
    if (final !== "b") return terminal.rows;
    return terminal.rows * terminal.cols;
  };
  for (const [final, method] of Object.entries(REPEATED))
    terminal.parser.registerCsiHandler({ final }, ([times]) => {
      const most = mostTimes(final);
      if (typeof times !== "number" || times <= most) return false;
      // Of repeated characters the cursor's column at the end stays that of the whole number.
      return input[method]({ params: [final === "b" ? most + ((times - most) % terminal.cols) : most] });
    });
}
