import headless from "@xterm/headless";
import { describe, expect, test } from "vitest";
import { restoreState } from "@drydock/terminal";
import { Screen } from "./screen.ts";
import { findSkip } from "./skip.ts";

const LINES = 6000;
const COLS = 80;
/** The same numbers every time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => (state = (state * 48271) % 2147483647) % below;
}

function lines(seed: number, end: string, alphabet: string): string {
  const next = numbers(seed);
  return Array.from({ length: LINES }, () => alphabet[next(alphabet.length)]!.repeat(next(130)) + end).join("");
}

function text(terminal: headless.Terminal): string[] {
  const { active } = terminal.buffer;
  return Array.from({ length: active.length }, (_, index) => active.getLine(index)!.translateToString(true));
}

/**
 * What a fresh terminal shows that is given a screen's snapshot, and one that is given the output
 * itself.
 */
async function both(pieces: string[]): Promise<{ ours: string[]; real: string[] }> {
  const options = { cols: COLS, rows: 24, scrollback: 5000, allowProposedApi: true };
  const all = pieces.map((piece) => Buffer.from(piece));
  let parsed = (_bytes: number): void => undefined;
  const screen = new Screen(COLS, 24, (bytes) => parsed(bytes));
  let written = 0;
  for (const piece of all) {
    written += piece.length;
    screen.write(piece);
    screen.flush();
    await new Promise<void>((resolve) => (parsed = (bytes) => bytes === written && resolve()));
  }
  const ours = new headless.Terminal(options);
  restoreState(ours, screen.snapshot().state);
  screen.dispose();
  const real = new headless.Terminal(options);
  for (const piece of all) await new Promise<void>((resolve) => real.write(piece, resolve));
  return { ours: text(ours), real: text(real) };
}

describe("a screen that skips what has scrolled out", () => {
  test.each([
    ["lines as a terminal prints them", "\r\n", "ab c"],
    ["lines without carriage returns", "\n", "ab c"],
    ["characters of two columns", "\r\n", "a한"],
  ])("shows what it would show without that: %s", async (_what, end, alphabet) => {
    for (const seed of [1, 2]) {
      const { ours, real } = await both(["\x1b[31mred$ ", lines(seed, end, alphabet), "\x1b[0mprompt$ "]);
      expect(ours).toEqual(real);
    }
  });

  test("parses everything where a program has taken the screen, or only a part of it scrolls", async () => {
    for (const mode of ["\x1b[?1049h", "\x1b[2;5r", "\x1b[?7l", "\x1b[20h"]) {
      const { ours, real } = await both([mode, lines(4, "\n", "xyz")]);
      expect(ours.slice(-24)).toEqual(real.slice(-24));
    }
  });
});

test("what can be skipped ends with a line, before the lines that are kept, and within plain text", () => {
  const place = { lines: 2, cols: 10, x: 0 };
  expect(findSkip(Buffer.from("a\r\nb\r\nc\r\nd\r\n"), place)).toEqual({ bytes: 6, x: 0 });
  expect(findSkip(Buffer.from("a\r\nb\r\n"), place)).toBeUndefined();
  expect(findSkip(Buffer.from("a\r\n\x1b[2Jb\r\nc\r\nd\r\n"), place)).toBeUndefined();
  expect(findSkip(Buffer.from("a\nbb\ncc\ndd\n"), place)).toEqual({ bytes: 5, x: 3 });
  expect(findSkip(Buffer.from("한\nbb\ncc\ndd\n"), place)).toBeUndefined();
});
