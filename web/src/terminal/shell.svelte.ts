import type { TerminalKey } from "./keys.ts";
import { Screen, type ScreenLook } from "./screen.ts";
import { TerminalStream, type Size, type StreamState } from "./stream.ts";

/**
 * Between a change of the window and telling the shell: a drag of the divider is one change, not
 * sixty.
 */
const SETTLE_MS = 60;

export interface ShellOptions {
  url: (size: Size) => string;
  look: ScreenLook;
  /** What a screen reader calls it. */
  label: string;
  onKey: (key: Exclude<TerminalKey, "copy" | "paste" | "page">) => void;
}

/**
 * One shell on the page: its screen, its connection, and which of the windows that show it decides
 * the size.
 */
export class Shell {
  state: StreamState = $state.raw({ name: "connecting" });
  /** The size, while another window decides it. */
  foreign: Size | undefined = $state.raw();
  /** What a search found; `index` counts from 0, -1 with none chosen. */
  found: { index: number; count: number } | undefined = $state.raw();
  readonly #screen: Screen;
  readonly #stream: TerminalStream;
  readonly #observer: ResizeObserver;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Shows the shell in `element`, which must be in the document. Ends with `dispose`. */
  constructor(element: HTMLElement, { url, look, label, onKey }: ShellOptions) {
    this.#screen = new Screen(element, look, label, {
      typed: (input) => this.#typed(input),
      answered: (data) => this.#stream.answer(data),
      key: onKey,
      searched: (index, count) => (this.found = { index, count }),
    });
    this.#stream = new TerminalStream(url, {
      state: (state) => {
        this.state = state;
        this.#screen.typing = state.name === "connected" || state.name === "connecting";
      },
      screen: (state, own) => {
        this.#screen.restore(state);
        this.foreign = own ? undefined : { cols: state.cols, rows: state.rows };
        if (own) this.#fit();
      },
      output: (bytes, painted) => this.#screen.write(bytes, painted),
      size: (size) => this.#decided(size),
    });
    const size = this.#screen.fitting() ?? this.#screen.size;
    this.#screen.resize(size);
    this.#stream.open(size);
    this.#observer = new ResizeObserver(() => this.#settle());
    this.#observer.observe(element);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
    this.#stream.close();
    this.#screen.dispose();
  }

  set look(look: ScreenLook) {
    this.#screen.look = look;
    this.#settle();
  }

  focus(): void {
    this.#screen.focus();
  }

  find(text: string, direction: "next" | "previous", incremental = false): void {
    if (text === "") this.found = undefined;
    this.#screen.find(text, direction, incremental);
  }

  endFind(): void {
    this.found = undefined;
    this.#screen.endFind();
  }

  /**
   * The window that is typed in decides the size: the server does the same when it sees the input.
   */
  #typed(input: string | Uint8Array<ArrayBuffer>): void {
    if (this.foreign !== undefined) {
      this.foreign = undefined;
      this.#fit();
    }
    this.#stream.type(input);
  }

  #decided(size: Size): void {
    const own = this.#screen.fitting();
    this.foreign = own?.cols === size.cols && own.rows === size.rows ? undefined : size;
    this.#screen.resize(size);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => requestAnimationFrame(() => this.#fit()), SETTLE_MS);
  }

  #fit(): void {
    const size = this.#screen.fitting();
    if (size === undefined) return;
    this.#stream.resize(size);
    if (this.foreign === undefined) this.#screen.resize(size);
  }
}
