const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;

export interface Place {
  /**
   * Lines that a terminal keeps, with those of its screen twice: the cursor may be at the top of
   * it.
   */
  lines: number;
  cols: number;
  /** Column of the cursor before the output, from 0. */
  x: number;
}

/**
 * How much of the beginning of output need not be parsed, because all that it prints is scrolled
 * out by the lines of text that follow it; and the column in which the cursor then is. Undefined
 * where nothing is to be gained, or the column is not plain to see. It holds for a terminal that is
 * not in the middle of a sequence, wraps, and scrolls as a whole.
 */
export function findSkip(output: Uint8Array, { lines, cols, x }: Place): { bytes: number; x: number } | undefined {
  let bytes = plainBytes(output);
  for (let line = 0; line <= lines; line += 1) {
    if (bytes <= 0) return undefined;
    bytes = output.lastIndexOf(LF, bytes - 1);
  }
  bytes += 1;
  if (bytes === 0) return undefined;
  const lineStart = output.lastIndexOf(CR, bytes - 1) + 1;
  const column = columnAfter(output.subarray(lineStart, bytes), lineStart > 0 ? 0 : x, cols);
  return column === undefined ? undefined : { bytes, x: column };
}

/**
 * How many bytes come before one that could change more than the lines that it is on: all but text,
 * tabs and ends of lines.
 */
function plainBytes(output: Uint8Array): number {
  for (let at = 0; at < output.length; at += 1) {
    const byte = output[at]!;
    if (byte >= 0x20 && byte < 0x7f) continue;
    if (byte < 0x80 && byte !== LF && byte !== CR && byte !== TAB) return at;
    // C1 controls are two bytes in UTF-8; the second may not be here yet.
    if (byte === 0xc2 && !(output[at + 1]! >= 0xa0)) return at;
  }
  return output.length;
}

/**
 * The column after lines that end without a carriage return, or undefined where a byte is not a
 * column. A full line wraps with its next character only; at its end the cursor stays in its last
 * column.
 */
function columnAfter(lines: Uint8Array, start: number, cols: number): number | undefined {
  let x = start;
  for (let at = 0; at < lines.length; at += 1) {
    const byte = lines[at]!;
    if (byte === TAB || byte >= 0x80) return undefined;
    if (byte !== LF) x = x === cols ? 1 : x + 1;
    else if (x === cols) x -= 1;
  }
  return x;
}
