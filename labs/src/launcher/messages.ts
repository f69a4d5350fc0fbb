import type { Outcome, Program } from "../process.ts";

/** The messages between a {@link Launcher} and its process. `call`: which program is meant. */

export type ToLauncher = { type: "run"; call: number; program: Program } | { type: "abort"; call: number };

/** `ready`: it can be told to run something. `error`: what went wrong though no program did. */
export type FromLauncher =
  | { type: "ready" }
  | { type: "line"; call: number; line: string }
  | { type: "ended"; call: number; outcome: Outcome }
  | { type: "broken"; call: number; error: string };
