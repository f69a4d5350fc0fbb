import { expect, test } from "vitest";
import { isMissed, judged, median, percentile, wordTarget } from "./figure.ts";

const figure = {
  name: "create",
  unit: "ms" as const,
  values: [30, 10, 20],
  reference: { name: "kind", values: [10, 10, 10] },
  target: 1.9,
};

test("the median of an even number of values lies between the middle two", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test("a percentile is one of the values, and the last one only where the share asks for it", () => {
  const values = Array.from({ length: 500 }, (_, index) => 500 - index);
  expect([0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([250, 495, 500]);
  expect(percentile([7], 0.01)).toBe(7);
});

test("with a reference the ratio of the medians is judged, not the milliseconds", () => {
  expect(judged(figure)).toBe(2);
  expect(isMissed(figure)).toBe(true);
  expect(isMissed({ ...figure, target: 2 })).toBe(false);
});

test("an allowance comes on top of what the reference allows", () => {
  expect(isMissed({ ...figure, allowance: 1 })).toBe(false);
  expect(isMissed({ ...figure, allowance: 0.5 })).toBe(true);
  expect(wordTarget({ ...figure, allowance: 1 })).toBe("≤ 1.9 × reference + 1 ms");
});

test("of MB/s the target is the least", () => {
  const speed = { name: "cat", unit: "MB/s" as const, values: [60], target: 60 };
  expect(isMissed(speed)).toBe(false);
  expect(isMissed({ ...speed, values: [59] })).toBe(true);
  expect(wordTarget(speed)).toBe("≥ 60 MB/s");
});

test("a figure that could not be measured misses its target", () => {
  expect(isMissed({ name: "empty", unit: "ms", values: [], target: 1 })).toBe(true);
  expect(isMissed({ name: "empty", unit: "MB/s", values: [], target: 1 })).toBe(true);
});
