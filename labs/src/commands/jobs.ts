import { availableParallelism, freemem } from "node:os";
import { DrydockError } from "../errors.ts";

/**
 * A sandbox takes less than this. Much of making one is waiting, so that one more than there are
 * processors keeps them all busy.
 */
const SANDBOX_BYTES = 1.5 * 1024 ** 3;

/** How many sandboxes the free memory has room for; at least one. */
export function sandboxesThatFit(): number {
  return Math.max(1, Math.floor(freemem() / SANDBOX_BYTES));
}

/**
 * How many sandboxes to work in at once: what was asked for, or as many as memory and processors
 * allow.
 */
export function jobsOf(given: number | undefined): number {
  return given ?? Math.min(availableParallelism() + 1, sandboxesThatFit());
}

/** The value of `--jobs`. @throws DrydockError `cli.jobs` */
export function parseJobs(text: string): number {
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new DrydockError("cli.jobs", `--jobs takes a whole number from 1 on, not "${text}"`);
  return jobs;
}
