import type { IDisposable, Terminal } from "@xterm/xterm";

/**
 * The queries in output that xterm.js answers by itself (see triggerDataEvent in its InputHandler).
 */
const CSI_QUERIES = [
  { final: "c" }, // device attributes
  { prefix: ">", final: "c" },
  { final: "n" }, // cursor position and status
  { prefix: "?", final: "n" },
  { intermediates: "$", final: "p" }, // modes
  { prefix: "?", intermediates: "$", final: "p" },
  { prefix: ">", final: "q" }, // version
  { final: "t" }, // window size
];
const DCS_QUERIES = [{ intermediates: "$", final: "q" }]; // settings
const OSC_QUERIES = [4, 10, 11, 12]; // colours

/**
 * Tells answers from typing: xterm.js reports both as data. An answer is given while its query is
 * parsed, and nobody types within that task, so a flag that is raised before the parser's own
 * handler and lowered in a microtask is exact.
 * @returns `now`: whether data reported at this moment is an answer
 */
export function watchAnswers(terminal: Terminal): IDisposable & { readonly now: boolean } {
  let now = false;
  const expect = (): false => {
    now = true;
    queueMicrotask(() => (now = false));
    return false; // the parser's own handler comes next
  };
  const owned = [
    ...CSI_QUERIES.map((id) => terminal.parser.registerCsiHandler(id, expect)),
    ...DCS_QUERIES.map((id) => terminal.parser.registerDcsHandler(id, expect)),
    ...OSC_QUERIES.map((id) => terminal.parser.registerOscHandler(id, expect)),
  ];
  return {
    get now() {
      return now;
    },
    dispose: () => owned.forEach((one) => one.dispose()),
  };
}
