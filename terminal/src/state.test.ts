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

const RUNS = Number(process.env.DRYDOCK_TEST_STREAMS ?? 300);

test("a restored terminal is the live one, whatever came before and comes after", { timeout: RUNS * 200 + 60_000 }, () => {
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
