import { expect, test } from "vitest";
import { hasOpenTail } from "./open-tail.ts";

test.each([
  ["plain text\r\n", false],
  ["", false],
  ["한글", false],
  ["a 🚢", false],
  ["\x1b[31mred\x1b[0m", false],
  ["\x1b]0;title\x07", false],
  ["\x1bM", false],
  ["\x1b(B", false],
  ["text\x1b", true],
  ["text\x1b[", true],
  ["text\x1b[38;5;1", true],
  ["text\x1b]0;tit", true],
  ["text\x1bP1$r", true],
  ["text\x1b(", true],
])("%j: %s", (text, open) => {
  expect(hasOpenTail(Buffer.from(text))).toBe(open);
});

test.each(["한", "é", "🚢"])("a cut %s is open at each cut", (character) => {
  const bytes = Buffer.from(`x${character}`);
  for (let size = 2; size < bytes.length; size += 1) expect(hasOpenTail(bytes.subarray(0, size))).toBe(true);
  expect(hasOpenTail(bytes)).toBe(false);
});
