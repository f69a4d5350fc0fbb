import type { Sample } from "./prometheus.ts";

/** What a histogram says about one combination of its labels. */
export interface Distribution {
  labels: Record<string, string>;
  count: number;
  /**
   * Both are estimates from the bounds of the histogram's buckets; see {@link estimateQuantile}.
   */
  p50: Quantile;
  p95: Quantile;
}

export interface Quantile {
  seconds: number;
  /** It lies beyond the last bound, which is all that is known. */
  orMore: boolean;
}

interface Bucket {
  upTo: number;
  /** How many were so long at most. */
  count: number;
}

/**
 * The distributions of a histogram, one for each combination of its labels that was ever observed.
 */
export function readHistogram(samples: readonly Sample[], name: string): Distribution[] {
  const byLabels = new Map<string, { labels: Record<string, string>; buckets: Bucket[] }>();
  for (const { labels: all, value, ...sample } of samples) {
    const { le, ...labels } = all;
    if (sample.name !== `${name}_bucket` || le === undefined) continue;
    const key = JSON.stringify(Object.entries(labels).sort());
    const known = byLabels.get(key) ?? { labels, buckets: [] };
    byLabels.set(key, known);
    known.buckets.push({ upTo: le === "+Inf" ? Infinity : Number(le), count: value });
  }
  return [...byLabels.values()].flatMap(({ labels, buckets }) => {
    buckets.sort((a, b) => a.upTo - b.upTo);
    const count = buckets.at(-1)?.count ?? 0;
    if (count === 0) return [];
    const quantile = (share: number) => estimateQuantile(buckets, share);
    return [{ labels, count, p50: quantile(0.5), p95: quantile(0.95) }];
  });
}

/**
 * As Prometheus estimates it: values are taken to lie evenly between the bounds of their bucket.
 * `buckets` are in order, the last one has no bound.
 */
export function estimateQuantile(buckets: readonly Bucket[], share: number): Quantile {
  const rank = share * (buckets.at(-1)?.count ?? 0);
  const at = buckets.findIndex(({ count }) => count >= rank);
  const lower = buckets[at - 1] ?? { upTo: 0, count: 0 };
  const bucket = buckets[at];
  if (!bucket || bucket.upTo === Infinity) return { seconds: lower.upTo, orMore: true };
  const within = (rank - lower.count) / (bucket.count - lower.count || 1);
  return { seconds: lower.upTo + (bucket.upTo - lower.upTo) * within, orMore: false };
}
