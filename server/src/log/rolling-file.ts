import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

export interface RollingFileOptions {
  path: string;
  /** A file that would grow beyond this is put aside first. */
  mostBytes: number;
  /** How many put aside are kept: `<path>.1` is the latest. */
  keep: number;
}

/**
 * A file of lines that is put aside when it is full, while it is written. Each line is in the
 * system's hands when `write` returns, so that none is lost, however the process ends; a line is
 * never torn between two files. Where a line cannot be written (a full disk), it is left out:
 * nothing that is logged is worth the server.
 */
export class RollingFile {
  readonly #options: RollingFileOptions;
  #fd: number | undefined;
  #bytes = 0;
  /**
   * What of a line was written when the disk was full: the next one begins on a line of its own.
   */
  #isTorn = false;

  /** Throws what the file system throws where the file cannot be opened. */
  constructor(options: RollingFileOptions) {
    this.#options = options;
    mkdirSync(dirname(options.path), { recursive: true });
    this.#open();
  }

  /** Appends a line, which ends with a newline. */
  write(line: string): void {
    const bytes = Buffer.from(this.#isTorn ? `\n${line}` : line);
    try {
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.#options.mostBytes) this.#roll();
      if (this.#fd === undefined) this.#open();
      this.#append(bytes);
    } catch {
      // The next line tries again.
    }
  }

  #append(bytes: Buffer): void {
    for (let written = 0; written < bytes.length;) {
      this.#isTorn = written > 0 || this.#isTorn;
      const more = writeSync(this.#fd!, bytes, written);
      written += more;
      this.#bytes += more;
    }
    this.#isTorn = false;
  }

  #open(): void {
    this.#fd = openSync(this.#options.path, "a", 0o600);
    this.#bytes = fstatSync(this.#fd).size;
  }

  /**
   * Closed first: not every system renames a file that is open. Where renaming fails, the file goes
   * on growing.
   */
  #roll(): void {
    const { path, keep } = this.#options;
    closeSync(this.#fd!);
    this.#fd = undefined;
    for (let n = keep; n >= 1; n -= 1) {
      try {
        renameSync(n === 1 ? path : `${path}.${n - 1}`, `${path}.${n}`);
      } catch {
        continue; // There is none yet.
      }
    }
    this.#open();
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
