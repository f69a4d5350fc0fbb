import { StringDecoder } from "node:string_decoder";

/** Most bytes of one line that is told while a program runs; a longer one is told in parts. */
const MAX_LINE_LENGTH = 64 * 1024;

/**
 * What is kept of a stream that may have no end: its beginning and its end, together as many bytes
 * as the limit says. What lies between is counted.
 */
export class KeptOutput {
  readonly #headLimit: number;
  readonly #tailLimit: number;
  readonly #head: Buffer[] = [];
  #headSize = 0;
  readonly #tail: Buffer[] = [];
  #tailSize = 0;
  #leftOut = 0;

  constructor(limitBytes: number) {
    this.#headLimit = Math.ceil(limitBytes / 2);
    this.#tailLimit = limitBytes - this.#headLimit;
  }

  add(chunk: Buffer): void {
    const toHead = chunk.subarray(0, this.#headLimit - this.#headSize);
    if (toHead.length > 0) this.#head.push(toHead);
    this.#headSize += toHead.length;
    const rest = chunk.subarray(toHead.length);
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailSize += rest.length;
    while (this.#tailSize > this.#tailLimit) this.#dropFromTail(this.#tailSize - this.#tailLimit);
  }

  /** How many bytes of it are not kept. */
  get leftOutBytes(): number {
    return this.#leftOut;
  }

  /** What is kept, as UTF-8. Where something is left out, a line of its own says how much. */
  text(): string {
    const [head, tail] = [Buffer.concat(this.#head), Buffer.concat(this.#tail)];
    if (this.#leftOut === 0) return Buffer.concat([head, tail]).toString("utf8");
    return `${wholeStart(head)}\n[… ${this.#leftOut} bytes are left out here …]\n${wholeEnd(tail)}`;
  }

  #dropFromTail(bytes: number): void {
    const first = this.#tail[0]!;
    const dropped = Math.min(bytes, first.length);
    if (dropped === first.length) this.#tail.shift();
    else this.#tail[0] = first.subarray(dropped);
    this.#tailSize -= dropped;
    this.#leftOut += dropped;
  }
}

/** The text without the half of a character that a cut leaves at its end. */
function wholeStart(bytes: Buffer): string {
  return new StringDecoder("utf8").write(bytes);
}

/**
 * The text without the half of a character that a cut leaves at its beginning (bytes 10xxxxxx,
 * three at most).
 */
function wholeEnd(bytes: Buffer): string {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return bytes.toString("utf8", start);
}

/** Tells of a stream's lines as they come, without their ends. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  #begun = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(chunk: Buffer): void {
    const lines = (this.#begun + this.#decoder.write(chunk)).split("\n");
    this.#begun = lines.pop()!;
    for (const line of lines) this.#tell(line);
    if (this.#begun.length > MAX_LINE_LENGTH) this.end();
  }

  /** Tells of a last line that has no end. */
  end(): void {
    if (this.#begun !== "") this.#tell(this.#begun);
    this.#begun = "";
  }

  #tell(line: string): void {
    this.#onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
  }
}
