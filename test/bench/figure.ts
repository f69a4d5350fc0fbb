import type { Config } from "../../labs/src/config.ts";
import type { Platform } from "../../labs/src/platform.ts";

/** One line of the table. Times are judged as a ratio against a reference of the same run, because machines differ and are busy. */
export interface Figure {
  name: string;
  unit: "ms" | "MiB" | "ratio";
  /** Every run's value, in the order measured. */
  values: number[];
  /** What it is compared with: the same number of runs, alternating with ours. */
  reference?: { name: string; values: number[] };
  /** Most that is allowed: of the ratio of medians where there is a reference, else of the median. */
  target?: number;
}

export interface BenchContext {
  config: Config;
  platform: Platform;
  rounds: number;
  say: (line: string) => void;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What is held against the target. */
export function judged(figure: Figure): number {
  return figure.reference ? median(figure.values) / median(figure.reference.values) : median(figure.values);
}

/** A target that is missed; a figure without one cannot miss it. */
export function isMissed(figure: Figure): boolean {
  return figure.target !== undefined && !(judged(figure) <= figure.target);
}
