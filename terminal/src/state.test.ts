import unicode11 from "@xterm/addon-unicode11";
import headless from "@xterm/headless";
import fc from "fast-check";
import { expect, test } from "vitest";
import { guardTerminal } from "./guard.ts";
import { captureState, restoreState } from "./state.ts";
import { parseNow } from "./testing/parse.ts";
import { type Step, steps } from "./testing/streams.ts";

const SCROLLBACK_LINES = 20;

/** A terminal with all that it tells: answers to queries, titles, bells. */
function createTerminal(cols: number, rows: number) {
  const terminal = new headless.Terminal({ cols, rows, scrollback: SCROLLBACK_LINES, allowProposedApi: true, logLevel: "off" });
  terminal.loadAddon(new unicode11.Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  guardTerminal(terminal);
  const told: string[] = [];
  terminal.onData((data) => told.push(data));
  terminal.onTitleChange((title) => told.push(`title ${title}`));
  const play = (step: Step) => {
    if ("size" in step) terminal.resize(...step.size);
    else parseNow(terminal, step.output);
  };
  return { terminal, told, play };
}

/** All that can be seen of a terminal, by its public API alone. */
function look(terminal: headless.Terminal) {
  const { buffer, modes } = terminal;
  const describe = (one: headless.IBuffer) => {
    const lines = [];
    for (let y = 0; y < one.length; y++) {
      const line = one.getLine(y)!;
      const cells = [];
      for (let x = 0; x < terminal.cols; x++) {
        const cell = line.getCell(x);
        cells.push(
          cell &&
            [
              cell.getChars() || " ",
              cell.getWidth(),
              cell.getFgColorMode(),
              cell.getFgColor(),
              cell.getBgColorMode(),
              cell.getBgColor(),
              [
                cell.isBold(),
                cell.isItalic(),
                cell.isDim(),
                cell.isUnderline(),
                cell.isBlink(),
                cell.isInverse(),
                cell.isInvisible(),
                cell.isStrikethrough(),
                cell.isOverline(),
              ]
                .map(Number)
                .join(""),
            ].join("|"),
        );
      }
      lines.push(`${line.isWrapped ? "↩" : ""}${cells.join(" ")}`);
    }
    return { lines, x: one.cursorX, y: one.cursorY, base: one.baseY, viewport: one.viewportY };
  };
  return { modes, type: buffer.active.type, normal: describe(buffer.normal), alternate: describe(buffer.alternate) };
}

/** Plays steps into a terminal, and its end into one that is restored before the step `at` too. */
function play(all: readonly Step[], at: number, size: [cols: number, rows: number]) {
  const live = createTerminal(...size);
  for (const step of all.slice(0, at)) live.play(step);
  const state = JSON.stringify(captureState(live.terminal));
  const restored = createTerminal(live.terminal.cols, live.terminal.rows);
  restoreState(restored.terminal, JSON.parse(state));
  const states: [unknown, unknown][] = [[look(live.terminal), look(restored.terminal)]];
  live.told.length = 0;
  for (const step of all.slice(at)) {
    live.play(step);
    restored.play(step);
    states.push([look(live.terminal), look(restored.terminal)]);
  }
  return { live, restored, states };
}

/** What was found before the property test was there, and by it. */
test.each<[string, [cols: number, rows: number], Step[]]>([
  [
    "margins end with a change of size",
    [40, 6],
    [{ output: "\x1b[?1049h\x1b[1;6r\x1b[?1049l" }, { size: [40, 10] }, { output: "1\r\n".repeat(60) }],
  ],
  [
    "rows of the other screen keep what a narrower window hides",
    [20, 4],
    [
      { output: `\x1b[?1049h${"x".repeat(70)}` },
      { size: [10, 4] },
      { output: `\x1b[2J\x1b[H${"y".repeat(23)}` },
      { size: [20, 4] },
    ],
  ],
  [
    "the other screen holds more lines than it has rows",
    [2, 1],
    [{ size: [2, 2] }, { size: [2, 1] }, { output: "\x1b[?1049h" }, { output: "\x1bD" }],
  ],
  [
    "a link whose line has scrolled out stays underlined",
    [2, 1],
    [{ output: "\x1b[?1049h" }, { output: "\x1b]8;id=two;file:///tmp\x07aaa" }],
  ],
  ["a restored cursor has another character set", [2, 1], [{ output: "\x1b)0\x0e\x1b[u" }, { output: "a" }]],
  ["the cursor blinks by a mode, not by its style", [2, 1], [{ output: "\x1b[?12h" }, { output: "\x1bP$q q\x1b\\" }]],
  [
    "combined characters that were moved away come back when lines wrap anew",
    [23, 3],
    [{ output: "\x1b[9Caa👩\u200d🚀🙂漢aaaé👩\u200d🚀aa" }, { output: "\x1b[u\x1b[5@\x1b[2e" }, { size: [4, 1] }],
  ],
])("%s", (_, size, all) => {
  for (let at = 0; at <= all.length; at++) {
    const { live, restored, states } = play(all, at, size);
    for (const [one, other] of states) expect(other).toEqual(one);
    expect(restored.told).toEqual(live.told);
    expect(captureState(restored.terminal)).toEqual(captureState(live.terminal));
  }
});

const RUNS = Number(process.env.DRYDOCK_TEST_STREAMS ?? 10_000);

test("a restored terminal is the live one, whatever came before and comes after", { timeout: 60_000 + RUNS * 100 }, () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 2, max: 24 }), fc.integer({ min: 1, max: 10 })),
      steps,
      fc.nat(),
      (size, all, moment) => {
        const { live, restored, states } = play(all, moment % (all.length + 1), size);
        for (const [one, other] of states) expect(other).toEqual(one);
        expect(restored.told).toEqual(live.told);
        expect(captureState(restored.terminal)).toEqual(captureState(live.terminal));
      },
    ),
    { numRuns: RUNS },
  );
});
