import fc from "fast-check";

/** What happens to a terminal: output, or another size. */
export type Step = { output: string } | { size: [cols: number, rows: number] };

const small = fc.integer({ min: 0, max: 30 });
const params = (...parts: fc.Arbitrary<number>[]) => fc.tuple(...parts).map((numbers) => numbers.join(";"));
const csi = (final: string, ...parts: fc.Arbitrary<number>[]) => params(...parts).map((text) => `\x1b[${text}${final}`);
const oneOf = (...texts: string[]) => fc.constantFrom(...texts);

const word = fc.string({
  unit: oneOf("a", "b", "x", " ", "é", "漢", "한", "🙂", "e\u0301", "👩\u200d🚀", "─", "q"),
  minLength: 1,
  maxLength: 30,
});
const controls = oneOf("\r", "\n", "\r\n", "\b", "\t", "\v", "\x0e", "\x0f", "\x07");
const cursor = fc.oneof(
  ...[..."ABCDEFGIZ`ade"].map((final) => csi(final, small)),
  csi("H", small, small),
  csi("f", small, small),
);
const erase = fc.oneof(
  ...["J", "K", "?J", "?K"].map((final) =>
    fc.integer({ min: 0, max: 3 }).map((n) => (final.length > 1 ? `\x1b[?${n}${final[1]}` : `\x1b[${n}${final}`)),
  ),
  ...[..."@LMPSTX"].map((final) => csi(final, small)),
  ...[" @", " A"].map((final) => csi(final, small)),
  csi("b", small),
  oneOf("\x1b#8", '\x1b[1"q', '\x1b[0"q'),
);
const styles = fc.oneof(
  csi("m", fc.integer({ min: 0, max: 9 })),
  csi("m", fc.integer({ min: 21, max: 29 })),
  csi("m", fc.integer({ min: 30, max: 49 })),
  csi("m", fc.integer({ min: 90, max: 107 })),
  fc.nat(255).map((n) => `\x1b[38;5;${n}m`),
  fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map((rgb) => `\x1b[48;2;${rgb.join(";")}m`),
  fc.integer({ min: 0, max: 5 }).map((n) => `\x1b[4:${n}m`),
  fc.nat(255).map((n) => `\x1b[58;5;${n}m`),
  oneOf("\x1b[m", "\x1b[53m", "\x1b[55m", "\x1b[59m"),
);
const margins = fc.oneof(csi("r", small, small), oneOf("\x1b[r", "\x1bD", "\x1bM", "\x1bE"));
const tabs = oneOf("\x1bH", "\x1b[g", "\x1b[3g");
const saved = oneOf("\x1b7", "\x1b8", "\x1b[s", "\x1b[u");
const charsets = fc.tuple(oneOf("(", ")", "*", "+"), oneOf("0", "B", "A", "K")).map(([set, name]) => `\x1b${set}${name}`);
const levels = oneOf("\x1bn", "\x1bo");
const modes = fc
  .tuple(
    oneOf(
      "?1",
      "?6",
      "?7",
      "?9",
      "?12",
      "?25",
      "?45",
      "?66",
      "?1000",
      "?1002",
      "?1003",
      "?1004",
      "?1005",
      "?1006",
      "?1016",
      "?2004",
      "?2026",
      "4",
      "20",
    ),
    oneOf("h", "l"),
  )
  .map(([mode, set]) => `\x1b[${mode}${set}`);
const buffers = oneOf(
  "\x1b[?1049h",
  "\x1b[?1049l",
  "\x1b[?47h",
  "\x1b[?47l",
  "\x1b[?1047h",
  "\x1b[?1047l",
  "\x1b[?1048h",
  "\x1b[?1048l",
);
const links = fc.oneof(
  oneOf(
    "\x1b]8;;\x07",
    "\x1b]8;;https://kubernetes.io\x1b\\",
    "\x1b]8;id=one;https://kubernetes.io/docs\x1b\\",
    "\x1b]8;id=two;file:///tmp\x07",
  ),
);
const titles = oneOf(
  "\x1b]0;both\x07",
  "\x1b]1;icon\x07",
  "\x1b]2;window\x07",
  "\x1b[22;0t",
  "\x1b[23;0t",
  "\x1b[22;2t",
  "\x1b[23;1t",
);
const cursors = csi(" q", fc.integer({ min: 0, max: 6 }));
const resets = oneOf("\x1bc", "\x1b[!p", "\x1b>", "\x1b=");
const queries = oneOf(
  "\x1b[c",
  "\x1b[>c",
  "\x1b[5n",
  "\x1b[6n",
  "\x1b[?6n",
  "\x1b[?7$p",
  "\x1b[4$p",
  "\x1bP$qr\x1b\\",
  "\x1bP$qm\x1b\\",
  "\x1bP$q q\x1b\\",
);

const output = fc.oneof(
  { weight: 8, arbitrary: word },
  { weight: 3, arbitrary: controls },
  { weight: 3, arbitrary: cursor },
  { weight: 3, arbitrary: erase },
  { weight: 3, arbitrary: styles },
  ...[margins, tabs, saved, charsets, levels, modes, buffers, links, titles, cursors, queries].map((arbitrary) => ({
    weight: 1,
    arbitrary,
  })),
  { weight: 1, arbitrary: fc.oneof({ weight: 9, arbitrary: fc.constant("\x1b[r") }, { weight: 1, arbitrary: resets }) },
);

/** Streams of output with changes of size in between. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.array(output, { minLength: 1, maxLength: 12 }).map((parts) => ({ output: parts.join("") })) },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.integer({ min: 2, max: 24 }), fc.integer({ min: 1, max: 10 })).map((size) => ({ size })),
    },
  ),
  { maxLength: 14 },
);
