import type { Extended, Line } from "./internals.ts";

/** Of a cell's numbers. */
const CELL = 3;
/** Bits of a cell's content (xterm.js, common/buffer/Constants.ts). */
const CODE_POINT = 0x1fffff;
const IS_COMBINED = 0x200000;
const WIDTH_SHIFT = 22;
/** Bit of a background: the cell has a style of the second table too. */
const HAS_EXTENDED = 0x10000000;

/**
 * Characters that no cell holds, as they are controls: an empty cell, and the second half of a wide
 * one.
 */
const EMPTY = "\x7f";
const SECOND_HALF = "\x80";

/**
 * A row: its text, a character for each cell up to the last that is not as new; runs of styles,
 * [length, style …], the last one left out where it is style 0; and what makes it differ from that.
 */
export interface StoredLine {
  text: string;
  styles?: number[];
  wrapped?: true;
  /** How many cells it has, where that is not the screen's width. */
  cells?: number;
  /** Cells that the text cannot tell: column, content, and the text of one that is combined. */
  odd?: [column: number, content: number, combined?: string][];
}

/** Colours and flags of a cell, and its underline and link, which are numbers of tables. */
export type Style = [fg: number, bg: number, ext?: number, link?: number];

/** Tables that grow while lines are stored. */
export class StyleTable {
  readonly styles: Style[] = [[0, 0]];
  readonly #numbers = new Map<string, number>([["0,0", 0]]);
  /** The number of a link in the stored state. */
  readonly link: (urlId: number) => number;

  constructor(link: (urlId: number) => number) {
    this.link = link;
  }

  /** @param hidden whether what a cell with this background does not show is taken along */
  number(fg: number, bg: number, extended: Extended | undefined, hidden = false): number {
    const counts = extended && (bg & HAS_EXTENDED || (hidden && (extended._ext || extended._urlId)));
    const style: Style = counts ? [fg, bg, extended._ext, extended._urlId ? this.link(extended._urlId) : 0] : [fg, bg];
    const key = String(style);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.styles.length);
    return this.styles.push(style) - 1;
  }
}

export function storeLine(line: Line, cols: number, table: StyleTable): StoredLine {
  let end = line.length;
  const { _data: data } = line;
  while (end > 0 && data[end * CELL - 3] === 1 << WIDTH_SHIFT && data[end * CELL - 2] === 0 && data[end * CELL - 1] === 0) end--;
  let text = "";
  const styles: number[] = [];
  const odd: NonNullable<StoredLine["odd"]> = [];
  let [style, count] = [-1, 0];
  for (let column = 0; column < end; column++) {
    const content = data[column * CELL]!;
    const number = table.number(data[column * CELL + 1]!, data[column * CELL + 2]!, line._extendedAttrs[column]);
    if (number === style) count++;
    else {
      if (count > 0) styles.push(count, style);
      [style, count] = [number, 1];
    }
    const char = charOf(content, column + 1 < end ? data[(column + 1) * CELL]! : undefined);
    text += char ?? EMPTY;
    if (char === undefined) odd.push(content & IS_COMBINED ? [column, content, line._combined[column] ?? ""] : [column, content]);
  }
  if (count > 0 && (styles.length > 0 || style !== 0)) styles.push(count, style);
  // A text may be left from a cell that has moved on: it comes along when the line is wrapped anew.
  for (const [key, combined] of Object.entries(line._combined)) {
    const content = data[Number(key) * CELL] ?? 0;
    if (!(content & IS_COMBINED)) odd.push([Number(key), content, combined]);
  }
  return {
    text,
    ...(styles.length > 0 && { styles }),
    ...(line.isWrapped && { wrapped: true as const }),
    ...(line.length !== cols && { cells: line.length }),
    ...(odd.length > 0 && { odd }),
  };
}

/**
 * The character that stands for a cell, where one can: the width of others follows from the next
 * cell.
 */
function charOf(content: number, next: number | undefined): string | undefined {
  const width = content >>> WIDTH_SHIFT;
  const codePoint = content & CODE_POINT;
  if (content & IS_COMBINED) return undefined;
  if (codePoint === 0) return width === 1 ? EMPTY : width === 0 ? SECOND_HALF : undefined;
  const isWide = next === 0;
  return width === (isWide ? 2 : 1) ? String.fromCodePoint(codePoint) : undefined;
}

/**
 * Makes an empty line hold what was stored.
 * @param extendedOf the second part of a style, new for each cell
 */
export function restoreLine(
  line: Line,
  stored: StoredLine,
  { styles, extendedOf }: { styles: readonly Style[]; extendedOf: (style: Style) => Extended | undefined },
  cols: number,
): void {
  const cells = stored.cells ?? cols;
  const data = new Uint32Array(cells * CELL);
  for (let column = 0; column < cells; column++) data[column * CELL] = 1 << WIDTH_SHIFT;
  let column = 0;
  for (const char of stored.text) {
    if (char === SECOND_HALF) {
      data[column * CELL] = 0;
      // What it is the second half of is two columns wide.
      const before = data[(column - 1) * CELL];
      if (before !== undefined && before & CODE_POINT) data[(column - 1) * CELL] = (before & CODE_POINT) | (2 << WIDTH_SHIFT);
    } else if (char !== EMPTY) data[column * CELL] = char.codePointAt(0)! | (1 << WIDTH_SHIFT);
    column++;
  }
  line._combined = {};
  for (const [at, content, combined] of stored.odd ?? []) {
    data[at * CELL] = content;
    if (combined !== undefined) line._combined[at] = combined;
  }
  line._extendedAttrs = {};
  const runs = stored.styles ?? [];
  for (let run = 0, at = 0; run < runs.length; run += 2) {
    const style = styles[runs[run + 1]!]!;
    for (const end = at + runs[run]!; at < end; at++) {
      data[at * CELL + 1] = style[0];
      data[at * CELL + 2] = style[1];
      const extended = extendedOf(style);
      if (extended) line._extendedAttrs[at] = extended;
    }
  }
  line._data = data;
  line.length = cells;
  line.isWrapped = stored.wrapped === true;
}
