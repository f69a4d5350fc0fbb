import { ClipboardAddon, type IClipboardProvider } from "@xterm/addon-clipboard";
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import { guardTerminal, restoreState, type TerminalState } from "@drydock/terminal";
import { Terminal, type IDisposable } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { copyText } from "../lib/copy.ts";
import { terminalKey, type TerminalKey } from "./keys.ts";
import { dark, light, searchMarks } from "./palette.ts";
import { watchAnswers } from "./answers.ts";
import type { Size } from "./stream.ts";

const SCROLLBACK_LINES = 5000;
const FONTS = 'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK KR", monospace';

export interface ScreenEvents {
  /** What the learner typed or pasted: text, or bytes of a mouse report. */
  typed(input: string | Uint8Array<ArrayBuffer>): void;
  /** What the emulator answers to a query in the output. */
  answered(data: string): void;
  /** A key that is the page's; `copy` and `paste` are dealt with here. */
  key(key: Exclude<TerminalKey, "copy" | "paste" | "page">): void;
  searched(index: number, count: number): void;
}

export interface ScreenLook {
  dark: boolean;
  fontSizePx: number;
  screenReader: boolean;
}

/**
 * A program may put text on the clipboard (OSC 52, as tmux and vim do) but never read what is
 * there.
 */
const writeOnly: IClipboardProvider = { readText: () => "", writeText: (_selection, text) => void copyText(text) };

/**
 * The terminal on the page: xterm.js and its addons, behind the few things that the page asks of
 * it. The only module that imports xterm.
 */
export class Screen {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon({ highlightLimit: 1000 });
  readonly #owned: IDisposable[] = [];
  #dark: boolean;

  /** Shows a terminal in `element`, which must be in the document and have a size. */
  constructor(element: HTMLElement, look: ScreenLook, label: string, events: ScreenEvents) {
    this.#dark = look.dark;
    this.#terminal = new Terminal({
      allowProposedApi: true, // unicode11 and search marks are still called proposals
      scrollback: SCROLLBACK_LINES,
      fontFamily: FONTS,
      fontSize: look.fontSizePx,
      lineHeight: 1.15,
      cursorBlink: false,
      minimumContrastRatio: 4.5,
      screenReaderMode: look.screenReader,
      theme: look.dark ? dark : light,
      linkHandler: { activate: (_event, uri) => openLink(uri) },
    });
    const terminal = this.#terminal;
    guardTerminal(terminal);
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(this.#search);
    terminal.loadAddon(new Unicode11Addon());
    terminal.loadAddon(new WebLinksAddon((_event, uri) => openLink(uri)));
    terminal.loadAddon(new ClipboardAddon(undefined, writeOnly));
    terminal.unicode.activeVersion = "11";
    terminal.attachCustomKeyEventHandler((event) => this.#onKey(event, events));
    terminal.open(element);
    terminal.textarea?.setAttribute("aria-label", label);
    this.#useWebgl();
    const answering = watchAnswers(terminal);
    this.#owned.push(
      answering,
      terminal.onData((data) => (answering.now ? events.answered(data) : events.typed(data))),
      terminal.onBinary((data) => events.typed(Uint8Array.from(data, (char) => char.charCodeAt(0)))),
      this.#search.onDidChangeResults(({ resultIndex, resultCount }) => events.searched(resultIndex, resultCount)),
    );
  }

  dispose(): void {
    for (const one of this.#owned) one.dispose();
    this.#terminal.dispose();
  }

  get size(): Size {
    return { cols: this.#terminal.cols, rows: this.#terminal.rows };
  }

  /** The size that fills the element, or undefined while it has none. */
  fitting(): Size | undefined {
    const size = this.#fit.proposeDimensions();
    if (size === undefined || !(size.cols >= 2) || !(size.rows >= 1)) return undefined;
    return { cols: Math.min(500, size.cols), rows: Math.min(300, size.rows) };
  }

  resize({ cols, rows }: Size): void {
    if (cols !== this.#terminal.cols || rows !== this.#terminal.rows) this.#terminal.resize(cols, rows);
  }

  /** Appends output; `painted` is called when it is on the screen. */
  write(bytes: Uint8Array, painted: () => void): void {
    this.#terminal.write(bytes, painted);
  }

  /**
   * Starts afresh. The reset goes through the parser (RIS), so that output still waiting to be
   * parsed comes before it.
   */
  restore(state: TerminalState): void {
    this.resize(state);
    const terminal = this.#terminal;
    terminal.write("\x1bc", () => {
      // It may have been given another size since.
      const { cols, rows } = terminal;
      this.resize(state);
      restoreState(terminal, state);
      this.resize({ cols, rows });
      terminal.refresh(0, rows - 1);
    });
  }

  set look({ dark: isDark, fontSizePx, screenReader }: ScreenLook) {
    this.#dark = isDark;
    this.#terminal.options.theme = isDark ? dark : light;
    this.#terminal.options.fontSize = fontSizePx;
    this.#terminal.options.screenReaderMode = screenReader;
  }

  set typing(enabled: boolean) {
    this.#terminal.options.disableStdin = !enabled;
  }

  focus(): void {
    this.#terminal.focus();
  }

  /** Looks for text from the chosen match on; with none, nothing is marked. */
  find(text: string, direction: "next" | "previous", incremental = false): void {
    if (text === "") return this.endFind();
    const marks = searchMarks[this.#dark ? "dark" : "light"];
    const decorations = {
      matchBackground: marks.match,
      matchOverviewRuler: marks.match,
      activeMatchBackground: marks.active,
      activeMatchColorOverviewRuler: marks.active,
    };
    if (direction === "next") this.#search.findNext(text, { incremental, decorations });
    else this.#search.findPrevious(text, { decorations });
  }

  endFind(): void {
    this.#search.clearDecorations();
  }

  /**
   * Drawing by the graphics card where there is one; the browser's own drawing otherwise, also
   * after the card was taken away.
   */
  #useWebgl(): void {
    try {
      const webgl = new WebglAddon();
      webgl.onContextLoss(() => webgl.dispose());
      this.#terminal.loadAddon(webgl);
    } catch {
      // No WebGL 2: xterm draws with the DOM.
    }
  }

  /** @returns whether xterm should deal with the key */
  #onKey(event: KeyboardEvent, events: ScreenEvents): boolean {
    const key = terminalKey(event);
    if (key === undefined) return true;
    // Pasting is the browser's: its paste event needs no permission, and xterm brackets what it
    // brings.
    if (key === "paste" || key === "page") return false;
    event.preventDefault();
    if (event.type !== "keydown") return false;
    if (key !== "copy") events.key(key);
    else if (this.#terminal.hasSelection()) void copyText(this.#terminal.getSelection());
    return false;
  }
}

/** Opens a web address in a new tab; anything else that a program printed stays where it is. */
function openLink(uri: string): void {
  if (/^https?:\/\//i.test(uri)) window.open(uri, "_blank", "noopener,noreferrer");
}
