import type { Config } from "../../labs/src/config.ts";
import type { Platform } from "../../labs/src/platform.ts";
import type { Cleanup } from "./cleanup.ts";

/**
 * One line of the table. Times are judged as a ratio against a reference of the same run where
 * there is one, because machines differ and are busy.
 */
export interface Figure {
  name: string;
  /** Of all but MB/s, less is better. */
  unit: "ms" | "MiB" | "MB/s" | "ratio";
  /** Every run's value, in the order measured. */
  values: number[];
  /** What it is compared with: the same number of runs, alternating with ours. */
  reference?: { name: string; values: number[] };
  /**
   * Most that is allowed (of MB/s the least): of the ratio of medians where there is a reference,
   * else of the median.
   */
  target?: number;
  /**
   * How much more than the target allows the median may be, in the figure's unit: what is small
   * next to a reference that is smaller still.
   */
  allowance?: number;
}

export interface BenchContext {
  config: Config;
  platform: Platform;
  rounds: number;
  /** How many submissions a class has. */
  submissions: number;
  /** Knows what is to be taken away at the end of the bench. */
  cleanup: Cleanup;
  /** Path of a ttyd to be compared with, where there is one. */
  ttyd?: string;
  say: (line: string) => void;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The smallest value that at least this share (0 to 1) of all values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** What is held against the target: the ratio where there is a reference, else the median. */
export function judged(figure: Figure): number {
  return figure.reference ? median(figure.values) / median(figure.reference.values) : median(figure.values);
}

/** A target that is missed; a figure without one cannot miss it. */
export function isMissed({ unit, values, reference, target, allowance = 0 }: Figure): boolean {
  if (target === undefined) return false;
  const limit = target * (reference ? median(reference.values) : 1) + allowance;
  return unit === "MB/s" ? !(median(values) >= limit) : !(median(values) <= limit);
}

/** The target as a person reads it; empty where there is none. */
export function wordTarget({ unit, reference, target, allowance }: Figure): string {
  if (target === undefined) return "";
  const limit = reference ? `${Number(target.toFixed(2))} × reference` : `${target} ${unit}`;
  return `${unit === "MB/s" ? "≥" : "≤"} ${limit}${allowance ? ` + ${allowance} ${unit}` : ""}`;
}
