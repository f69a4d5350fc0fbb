/**
 * The latest output of a shell, by offset from its first byte: what viewers that are a little
 * behind are served from.
 */
export class RecentOutput {
  readonly #keepBytes: number;
  #chunks: { offset: number; bytes: Buffer }[] = [];
  #first: number;
  #end: number;

  constructor(keepBytes: number, offset = 0) {
    this.#keepBytes = keepBytes;
    this.#first = offset;
    this.#end = offset;
  }

  /** Offset of the oldest byte that is still here. */
  get first(): number {
    return this.#first;
  }

  /** Offset after the newest byte. */
  get end(): number {
    return this.#end;
  }

  append(bytes: Buffer): void {
    this.#chunks.push({ offset: this.#end, bytes });
    this.#end += bytes.length;
    while (this.#chunks.length > 1 && this.#end - this.#chunks[1]!.offset >= this.#keepBytes) this.#chunks.shift();
    this.#first = this.#chunks[0]!.offset;
  }

  /**
   * Output from an offset on, at most so many bytes, and empty at the end; undefined when it is no
   * longer here.
   */
  read(offset: number, mostBytes: number): Buffer | undefined {
    if (offset < this.#first || offset > this.#end) return undefined;
    const parts: Buffer[] = [];
    let size = 0;
    for (let index = this.#find(offset); index < this.#chunks.length && size < mostBytes; index += 1) {
      const chunk = this.#chunks[index]!;
      const part = chunk.bytes.subarray(Math.max(0, offset - chunk.offset)).subarray(0, mostBytes - size);
      if (part.length > 0) parts.push(part);
      size += part.length;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** Index of the chunk that holds an offset; nearly always one of the last. */
  #find(offset: number): number {
    let index = this.#chunks.length - 1;
    while (index > 0 && this.#chunks[index]!.offset > offset) index -= 1;
    return Math.max(index, 0);
  }
}
