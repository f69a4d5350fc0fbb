import serialize from "@xterm/addon-serialize";
import unicode11 from "@xterm/addon-unicode11";
import headless from "@xterm/headless";
import { hasOpenTail } from "./open-tail.ts";

/** Lines above the screen that are kept. */
export const SCROLLBACK_LINES = 5000;

export interface Snapshot {
  /** What, written to a fresh terminal of this size, makes it look and behave like this one. */
  data: string;
  cols: number;
  rows: number;
  /** How many bytes of output it has seen. */
  bytes: number;
}

/**
 * The screen of a shell, kept by a terminal without a display. The only module of the server that imports xterm. It answers no queries: what a program asks
 * of its terminal is answered by the page.
 */
export class Screen {
  readonly #terminal: headless.Terminal;
  readonly #serializer = new serialize.SerializeAddon();
  readonly #onParsed: (bytes: number) => void;
  /** What serialising leaves out. */
  readonly #unserialised = { cursorHidden: false, mouseEncoding: "", margins: "" };
  #parsedBytes = 0;
  #openTail = false;
  #disposed = false;

  /** `onParsed` is told how many bytes were taken in, in all, after each piece. */
  constructor(cols: number, rows: number, onParsed: (bytes: number) => void) {
    this.#terminal = new headless.Terminal({ cols, rows, scrollback: SCROLLBACK_LINES, allowProposedApi: true });
    this.#terminal.loadAddon(this.#serializer);
    this.#terminal.loadAddon(new unicode11.Unicode11Addon());
    this.#terminal.unicode.activeVersion = "11";
    this.#onParsed = onParsed;
    this.#noteModes();
  }

  /** Takes output in, not at once but in order. */
  write(bytes: Buffer): void {
    this.#terminal.write(bytes, () => {
      if (this.#disposed) return;
      this.#parsedBytes += bytes.length;
      this.#openTail = hasOpenTail(bytes);
      this.#onParsed(this.#parsedBytes);
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

  /** Whether the output so far ends in the middle of something, so that a snapshot had better wait. */
  get openTail(): boolean {
    return this.#openTail;
  }

  snapshot(scrollbackLines = SCROLLBACK_LINES): Snapshot {
    const { cursorHidden, mouseEncoding, margins } = this.#unserialised;
    const extra = mouseEncoding + (margins && `\x1b7${margins}\x1b8`) + (cursorHidden ? "\x1b[?25l" : "");
    const data = this.#serializer.serialize({ scrollback: scrollbackLines }) + extra;
    return { data, cols: this.cols, rows: this.rows, bytes: this.#parsedBytes };
  }

  dispose(): void {
    this.#disposed = true;
    this.#terminal.dispose();
  }

  #noteModes(): void {
    const { parser } = this.#terminal;
    const noted = this.#unserialised;
    const set = (on: boolean) => (params: (number | number[])[]) => {
      for (const param of params) {
        if (param === 25) noted.cursorHidden = !on;
        if (param === 1005 || param === 1006 || param === 1015 || param === 1016)
          noted.mouseEncoding = on ? `\x1b[?${param}h` : "";
      }
      return false;
    };
    const forget = () => {
      Object.assign(noted, { cursorHidden: false, mouseEncoding: "", margins: "" });
      return false;
    };
    parser.registerCsiHandler({ prefix: "?", final: "h" }, set(true));
    parser.registerCsiHandler({ prefix: "?", final: "l" }, set(false));
    parser.registerCsiHandler({ final: "r" }, (params) => {
      noted.margins = params.length > 0 ? `\x1b[${params.join(";")}r` : "";
      return false;
    });
    parser.registerCsiHandler({ intermediates: "!", final: "p" }, forget);
    parser.registerEscHandler({ final: "c" }, forget);
  }
}
