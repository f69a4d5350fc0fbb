import { expect, test } from "vitest";
import { estimateQuantile, readHistogram } from "./histogram.ts";
import type { Sample } from "./prometheus.ts";

const buckets = [
  { upTo: 1, count: 0 },
  { upTo: 5, count: 8 },
  { upTo: 10, count: 10 },
  { upTo: Infinity, count: 10 },
];

test("a quantile is estimated within its bucket", () => {
  expect(estimateQuantile(buckets, 0.5)).toEqual({ seconds: 3.5, orMore: false });
  expect(estimateQuantile(buckets, 0.9)).toEqual({ seconds: 7.5, orMore: false });
  expect(estimateQuantile(buckets, 1)).toEqual({ seconds: 10, orMore: false });
});

test("beyond the last bound nothing is estimated", () => {
  const beyond = [...buckets.slice(0, 3), { upTo: Infinity, count: 100 }];
  expect(estimateQuantile(beyond, 0.5)).toEqual({ seconds: 10, orMore: true });
});

test("each combination of labels is a distribution of its own, in whatever order its buckets come; what was never observed is none", () => {
  const bucket = (le: string, value: number, verdict: string) => ({ name: "check_bucket", labels: { le, verdict }, value });
  const samples: Sample[] = [
    bucket("+Inf", 4, "passed"),
    bucket("1", 4, "passed"),
    bucket("1", 0, "failed"),
    bucket("2", 2, "failed"),
    bucket("+Inf", 2, "failed"),
    bucket("1", 0, "error"),
    bucket("+Inf", 0, "error"),
    { name: "check_sum", labels: { verdict: "passed" }, value: 3 },
    { name: "other_bucket", labels: { le: "1" }, value: 9 },
  ];
  expect(readHistogram(samples, "check")).toEqual([
    { labels: { verdict: "passed" }, count: 4, p50: { seconds: 0.5, orMore: false }, p95: { seconds: 0.95, orMore: false } },
    { labels: { verdict: "failed" }, count: 2, p50: { seconds: 1.5, orMore: false }, p95: { seconds: 1.95, orMore: false } },
  ]);
});
