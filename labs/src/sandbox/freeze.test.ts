import { expect, test } from "vitest";
import { quietIn } from "./freeze.ts";

test.each([
  ["one renewal", [1000], 1000, 100],
  ["one renewal, long ago", [1000], 901_050, 50],
  ["one renewal, just missed", [1000], 1150, 1950],
  ["two renewals near each other: after the second", [1000, 1300], 1000, 400],
  ["two renewals far from each other: after the one that is followed by the longer time", [1000, 2100], 1000, 100],
  ["a clock that is behind", [5000], 1000, 100],
  ["nothing that is renewed", [], 1000, 0],
])("the longest quiet time begins after %s", (_what, renewals, now, expected) => {
  expect(quietIn(renewals, now)).toBe(expected);
});
