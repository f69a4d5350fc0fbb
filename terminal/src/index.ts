export { guardTerminal } from "./guard.ts";
export type { TerminalState } from "./state.ts";
export { captureState, hasMargins, restoreState } from "./state.ts";
