import { expect, test } from "vitest";
import { quietTime } from "./freeze.ts";

test.each([
  ["one renewal", [1000], 1000, { inMs: 100, lengthMs: 1900 }],
  ["one renewal, long ago", [1000], 901_050, { inMs: 50, lengthMs: 1900 }],
  ["one renewal, just missed", [1000], 1150, { inMs: 1950, lengthMs: 1900 }],
  ["two renewals near each other: after the second", [1000, 1300], 1000, { inMs: 400, lengthMs: 1600 }],
  [
    "two renewals far from each other: after the one that is followed by the longer time",
    [1000, 2100],
    1000,
    { inMs: 100, lengthMs: 1000 },
  ],
  ["a clock that is behind", [5000], 1000, { inMs: 100, lengthMs: 1900 }],
  ["nothing that is renewed", [], 1000, { inMs: 0, lengthMs: Infinity }],
])("the longest quiet time begins after %s", (_what, renewals, now, expected) => {
  expect(quietTime(renewals, now)).toEqual(expected);
});
