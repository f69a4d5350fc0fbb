export { guardTerminal } from "./guard.ts";
