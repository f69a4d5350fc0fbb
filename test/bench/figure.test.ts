import { expect, test } from "vitest";
import { isMissed, judged, median } from "./figure.ts";

test("the median of an even number of values lies between the middle two", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test("with a reference the ratio of the medians is judged, not the milliseconds", () => {
  const figure = {
    name: "create",
    unit: "ms" as const,
    values: [30, 10, 20],
    reference: { name: "kind", values: [10, 10, 10] },
    target: 1.9,
  };
  expect(judged(figure)).toBe(2);
  expect(isMissed(figure)).toBe(true);
  expect(isMissed({ ...figure, target: 2 })).toBe(false);
});

test("a figure that could not be measured misses its target", () => {
  expect(isMissed({ name: "empty", unit: "ms", values: [], target: 1 })).toBe(true);
});
