/** All but text, tabs and ends of lines: what could change more than the lines that it is on. C1 controls come as two bytes of UTF-8. */
const NOT_PLAIN = /[^\t\n\r\x20-\x7e\x80-\xff]|\xc2[\x80-\x9f]/;
/** Text of which each byte is a column. */
const ONE_COLUMN_EACH = /^[\n\x20-\x7e]*$/;

export interface Place {
  /** Lines that a terminal keeps, with those of its screen twice: the cursor may be at the top of it. */
  lines: number;
  cols: number;
  /** Column of the cursor before the output, from 0. */
  x: number;
}

/**
 * How much of the beginning of output need not be parsed, because all that it prints is scrolled out by the lines of text that follow it; and the
 * column in which the cursor then is. Undefined where nothing is to be gained, or the column is not plain to see. It holds for a terminal that is not in
 * the middle of a sequence, wraps, and scrolls as a whole.
 */
export function findSkip(output: Buffer, { lines, cols, x }: Place): { bytes: number; x: number } | undefined {
  const text = output.toString("latin1");
  const special = text.search(NOT_PLAIN);
  let end = special < 0 ? text.length : special;
  for (let line = 0; line <= lines; line += 1) {
    if (end <= 0) return undefined;
    end = text.lastIndexOf("\n", end - 1);
  }
  if (end < 0) return undefined;
  end += 1;
  const lineStart = text.lastIndexOf("\r", end - 1) + 1;
  const rest = text.slice(lineStart, end);
  if (!ONE_COLUMN_EACH.test(rest)) return undefined;
  return { bytes: end, x: columnAfter(rest, lineStart > 0 ? 0 : x, cols) };
}

/** The column after lines that end without a carriage return. A full line wraps with its next character only; at its end the cursor stays in its last column. */
function columnAfter(text: string, start: number, cols: number): number {
  let x = start;
  for (const line of text.split("\n").slice(0, -1)) {
    if (line.length > 0) x = ((x + line.length - 1) % cols) + 1;
    if (x === cols) x -= 1;
  }
  return x;
}
