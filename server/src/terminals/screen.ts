import unicode11 from "@xterm/addon-unicode11";
import headless from "@xterm/headless";
import { captureState, guardTerminal, hasMargins, type TerminalState } from "@drydock/terminal";
import { hasOpenTail } from "./open-tail.ts";
import { findSkip } from "./skip.ts";

/** Lines above the screen that are kept. */
export const SCROLLBACK_LINES = 5000;
/**
 * Parsing takes longer than all else that happens to output, so it is gathered first: of much text
 * at once, most has scrolled out when its end is reached.
 */
const PARSE_AFTER_MS = 100;
const PARSE_BYTES = 2 * 1024 * 1024;
/** Between two pieces something else may have its turn. */
const PIECE_BYTES = 64 * 1024;
/** The most that may wait to be parsed. */
export const SCREEN_LAG_BYTES = 3 * 1024 * 1024;

export interface Snapshot {
  /** What makes another terminal look and behave like this one. */
  state: TerminalState;
  /** How many bytes of output it has seen. */
  bytes: number;
}

/**
 * The screen of a shell, kept by a terminal without a display. The only module of the server that
 * imports xterm. It answers no queries: what a program asks of its terminal is answered by the
 * page.
 */
export class Screen {
  readonly #terminal: headless.Terminal;
  readonly #onParsed: (bytes: number) => void;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** Pieces that the terminal has been given and not yet parsed. */
  #parsing = 0;
  #timer: NodeJS.Timeout | undefined;
  #parsedBytes = 0;
  #openTail = false;
  #disposed = false;

  /** `onParsed` is told how many bytes were taken in, in all, each time that some were. */
  constructor(cols: number, rows: number, onParsed: (bytes: number) => void) {
    this.#terminal = new headless.Terminal({ cols, rows, scrollback: SCROLLBACK_LINES, allowProposedApi: true });
    guardTerminal(this.#terminal);
    this.#terminal.loadAddon(new unicode11.Unicode11Addon());
    this.#terminal.unicode.activeVersion = "11";
    this.#onParsed = onParsed;
  }

  /** Takes output in, in order and soon: {@link Screen.flush} is for those who wait for it. */
  write(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.flush();
    }, PARSE_AFTER_MS);
    this.#goOn();
  }

  /**
   * Begins to parse what was written, unless it is at it: then what was written meanwhile follows.
   */
  flush(): void {
    if (this.#parsing > 0 || this.#waitingBytes === 0) return;
    this.#skip();
    const output = this.#join();
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (let at = 0; at < output.length; at += PIECE_BYTES) {
      const piece = output.subarray(at, at + PIECE_BYTES);
      this.#parse(piece, piece);
    }
  }

  #goOn(): void {
    if (this.#parsing > 0) return;
    if (this.#waitingBytes >= PARSE_BYTES ? !this.#skip() : !this.#timer) this.flush();
  }

  /** Leaves out of what waits what scrolls out before its end. Answers whether there was such. */
  #skip(): boolean {
    const { buffer, modes, options, rows, cols } = this.#terminal;
    const scrolls = buffer.active.type === "normal" && !hasMargins(this.#terminal);
    if (this.#openTail || !scrolls || !modes.wraparoundMode || options.convertEol) return false;
    const output = this.#join();
    const skip = findSkip(output, { lines: SCROLLBACK_LINES + 2 * rows, cols, x: buffer.active.cursorX });
    if (!skip) return false;
    this.#waiting = [output.subarray(skip.bytes)];
    this.#waitingBytes -= skip.bytes;
    this.#timer?.refresh();
    this.#parse(`\r\x1b[${skip.x + 1}G`, output.subarray(0, skip.bytes));
    return true;
  }

  #join(): Buffer {
    if (this.#waiting.length > 1) this.#waiting = [Buffer.concat(this.#waiting)];
    return this.#waiting[0]!;
  }

  /** Has the terminal parse `what` in place of `output`. */
  #parse(what: string | Buffer, output: Buffer): void {
    this.#parsing += 1;
    this.#terminal.write(what, () => {
      if (this.#disposed) return;
      this.#parsing -= 1;
      this.#parsedBytes += output.length;
      this.#openTail = hasOpenTail(output);
      this.#onParsed(this.#parsedBytes);
      this.#goOn();
    });
  }

  resize(cols: number, rows: number): void {
    this.#terminal.resize(cols, rows);
  }

  get cols(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  /**
   * Whether the output so far ends in the middle of something, so that a snapshot had better wait.
   */
  get openTail(): boolean {
    return this.#openTail;
  }

  snapshot(scrollbackLines = SCROLLBACK_LINES): Snapshot {
    return { state: captureState(this.#terminal, scrollbackLines), bytes: this.#parsedBytes };
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#terminal.dispose();
  }
}
