import { restoreState } from "@drydock/terminal";
import headless from "@xterm/headless";
import type WebSocket from "ws";
import { ACK_EVERY_BYTES, type TerminalServerFrame } from "../contract.ts";
import type { Client } from "./client.ts";
import { eventually } from "./test-server.ts";

export interface WindowOptions {
  cols?: number;
  rows?: number;
  /** Paints nothing and acknowledges nothing. */
  stalled?: boolean;
  /** Answers the queries of programs, as the page does. */
  answers?: boolean;
}

/**
 * A window of the page that shows a terminal, as far as the server can tell: it paints,
 * acknowledges and answers queries.
 */
export class TestWindow {
  readonly socket: WebSocket;
  readonly frames: TerminalServerFrame[] = [];
  readonly terminal: headless.Terminal;
  /** Everything that came as output, in bytes; what came before the last screen too. */
  outputBytes = 0;
  stalled: boolean;
  closeCode: number | undefined;
  #acked = 0;

  constructor(client: Client, session: string, terminal: string, options: WindowOptions = {}) {
    const { cols = 80, rows = 24 } = options;
    this.stalled = options.stalled ?? false;
    this.terminal = new headless.Terminal({ cols, rows, scrollback: 5000, allowProposedApi: true });
    this.socket = client.stream(`/api/sessions/${session}/terminals/${terminal}/stream?cols=${cols}&rows=${rows}`);
    this.socket.on("message", (data, isBinary) =>
      isBinary ? this.#paint(data as Buffer) : this.#handle(JSON.parse(String(data))),
    );
    this.socket.on("close", (code) => (this.closeCode = code));
    this.socket.on("error", () => undefined);
    if (options.answers) this.terminal.onData((data) => this.socket.send(JSON.stringify({ type: "answer", data })));
  }

  /** Opens one, and waits for its first screen. */
  static async open(client: Client, session: string, terminal: string, options: WindowOptions = {}): Promise<TestWindow> {
    const window = new TestWindow(client, session, terminal, options);
    await eventually(() => {
      if (!window.last("screen")) throw new Error(`no screen; closed with ${window.closeCode}`);
    }, 15_000);
    return window;
  }

  #paint(bytes: Buffer): void {
    this.outputBytes += bytes.length;
    if (this.stalled) return;
    this.terminal.write(bytes, () => this.#acknowledge());
  }

  #acknowledge(): void {
    if (this.outputBytes - this.#acked < ACK_EVERY_BYTES || this.socket.readyState !== this.socket.OPEN) return;
    this.#acked = this.outputBytes;
    this.socket.send(JSON.stringify({ type: "ack", bytes: this.#acked }));
  }

  /** Goes on after a stall: what came meanwhile counts as painted. */
  catchUp(): void {
    this.stalled = false;
    this.#acknowledge();
  }

  #handle(frame: TerminalServerFrame): void {
    this.frames.push(frame);
    if (frame.type === "screen") {
      this.terminal.reset();
      this.terminal.resize(frame.state.cols, frame.state.rows);
      restoreState(this.terminal, frame.state);
    } else if (frame.type === "size") this.terminal.resize(frame.cols, frame.rows);
  }

  last<T extends TerminalServerFrame["type"]>(type: T): Extract<TerminalServerFrame, { type: T }> | undefined {
    return this.frames.filter((frame): frame is Extract<TerminalServerFrame, { type: T }> => frame.type === type).at(-1);
  }

  type(text: string | Buffer): void {
    this.socket.send(Buffer.from(text));
  }

  resize(cols: number, rows: number): void {
    this.terminal.resize(cols, rows);
    this.socket.send(JSON.stringify({ type: "resize", cols, rows }));
  }

  /** What is shown, scrollback included, without trailing blanks and empty lines at the end. */
  text(): string {
    const buffer = this.terminal.buffer.active;
    const lines = Array.from({ length: buffer.length }, (_, index) => buffer.getLine(index)!.translateToString(true));
    return lines.join("\n").trimEnd();
  }

  /** Waits until a text is shown. */
  async shows(text: string | RegExp, withinMs = 30_000): Promise<void> {
    await eventually(() => {
      const shown = this.text();
      const found = typeof text === "string" ? shown.includes(text) : text.test(shown);
      if (!found) throw new Error(`"${text}" is not shown, but:\n${shown.slice(-500)}`);
    }, withinMs);
  }

  async close(): Promise<void> {
    this.socket.close();
    await eventually(() => {
      if (this.closeCode === undefined) throw new Error("not closed");
    });
  }
}
