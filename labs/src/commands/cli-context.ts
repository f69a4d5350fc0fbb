import type { Command } from "commander";
import type { Config } from "../config.ts";
import { DrydockError } from "../errors.ts";
import { loadScenario, scenarioDir } from "../scenarios/load.ts";
import type { Scenario } from "../scenarios/schema.ts";

/**
 * Exit statuses of every command: 1 is a no (not passed, mistakes found), 2 means that there is no
 * answer.
 */
export const EXIT = { ok: 0, no: 1, unjudged: 2, interrupted: 130 } as const;

/** What a command has of the world. */
export interface Cli {
  config: Config;
  /** Fires on Ctrl-C. */
  signal: AbortSignal;
  /** A line of the result: standard output. */
  print: (line?: string) => void;
  /** A line about what is being done: standard error. */
  say: (line?: string) => void;
  /** Whether standard error is a terminal that lines can be redrawn on. */
  live: boolean;
}

/**
 * Adds one command to the program; its action tells the exit status, where that is not 0, through
 * `exit`.
 */
export type DefineCommand = (program: Command, cli: Cli, exit: (status: number) => void) => void;

/**
 * The scenario of a slug or path given on the command line.
 * @throws DrydockError `scenario.unknown`, `scenario.invalid`
 */
export function findScenario(cli: Cli, slugOrPath: string): Scenario {
  return loadScenario(scenarioDir(cli.config.scenariosDir, slugOrPath));
}

/** A whole number of seconds given on the command line, in milliseconds. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 1) throw new DrydockError("cli.seconds", `"${text}" is not a number of seconds`);
  return seconds * 1000;
}
