import headless from "@xterm/headless";
import { describe, expect, test } from "vitest";
import { guardTerminal } from "./guard.ts";
import { parseNow } from "./testing/parse.ts";

const [COLS, ROWS] = [10, 4];

/** What a terminal's screen shows, and where its cursor is, after some output. */
function show(output: string, guarded = true) {
  const terminal = new headless.Terminal({ cols: COLS, rows: ROWS, scrollback: 20, allowProposedApi: true, logLevel: "off" });
  if (guarded) guardTerminal(terminal);
  parseNow(terminal, output);
  const { active } = terminal.buffer;
  const lines = Array.from({ length: ROWS }, (_, y) => active.getLine(active.baseY + y)!.translateToString(true));
  return { lines, x: active.cursorX, y: active.cursorY };
}

describe("erasing above, in the last column of the last line", () => {
  test.each(["\x1b[1J", "\x1b[?1J"])("%j erases all, and output goes on", (erase) => {
    expect(() => show(`a\x1b[4;10H${erase}`, false)).toThrow();
    expect(show(`a\x1b[4;10H${erase}b`)).toEqual({ lines: ["", "", "", "         b"], x: 10, y: 3 });
  });

  test("is left to the terminal elsewhere", () => {
    const output = "one\r\ntwo\r\n\x1b[2;2H\x1b[1J";
    expect(show(output)).toEqual(show(output, false));
  });
});

describe("what is done a number of times", () => {
  const text = "1\r\n2\r\n3\r\n4\x1b[2;5H";
  test.each([..."STLMIZb"])("CSI %s: so often as never ends otherwise, and up to that as ever", (final) => {
    const often = show(`${text}x\x1b[2147483647${final}`);
    expect(often).toMatchObject({ lines: expect.any(Array) });
    for (const times of ["", 0, 1, 3, ROWS, ROWS + 1, COLS, COLS + 1, 77, 400])
      expect([times, show(`${text}x\x1b[${times}${final}`)]).toEqual([times, show(`${text}x\x1b[${times}${final}`, false)]);
  });
});
