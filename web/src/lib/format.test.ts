import { expect, it } from "vitest";
import { formatDuration } from "./format.ts";

it("writes lengths of time as a clock does", () => {
  expect(formatDuration(7_400)).toBe("0:07");
  expect(formatDuration(750_000)).toBe("12:30");
  expect(formatDuration(3_723_000)).toBe("1:02:03");
  expect(formatDuration(-5_000)).toBe("0:00");
});
