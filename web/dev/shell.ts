import { captureState, type TerminalState } from "@drydock/terminal";
import { parseNow } from "@drydock/terminal/testing";
import headless from "@xterm/headless";
import type { WebSocket } from "ws";
import type { TerminalClientFrame, TerminalServerFrame } from "@drydock/server/contract";

const FLOOD_BYTES = 10 * 1024 * 1024;
const WINDOW_BYTES = 512 * 1024;

interface View {
  socket: WebSocket;
  size: { cols: number; rows: number };
  sent: number;
  acknowledged: number;
}

/**
 * Echoes what is typed and knows five commands: enough to try the page's terminal, and not a shell.
 */
export class FakeShell {
  readonly #host: string;
  readonly #views: View[] = [];
  #deciding: View | undefined;
  #shown = "";
  #line = "";
  #flooding = false;
  /** Answers to queries that came in, for tests. */
  readonly answers: string[] = [];
  readonly acknowledgements: number[] = [];
  typedBytes = 0;
  #largestFrame = 0;

  constructor(host: string) {
    this.#host = host;
    this.#prompt();
  }

  attach(socket: WebSocket, size: View["size"]): void {
    const view: View = { socket, size, sent: 0, acknowledged: 0 };
    this.#views.push(view);
    this.#deciding ??= view;
    this.#send(view, { type: "screen", state: this.#state(this.#deciding.size) });
    socket.on("message", (data: Buffer, binary) =>
      binary ? this.#typed(view, data) : this.#framed(view, JSON.parse(data.toString()) as TerminalClientFrame),
    );
    socket.on("close", () => {
      this.#views.splice(this.#views.indexOf(view), 1);
      if (this.#deciding === view) this.#deciding = this.#views[0];
    });
  }

  #state(size: View["size"]): TerminalState {
    const terminal = new headless.Terminal({ ...size, allowProposedApi: true, logLevel: "off" });
    parseNow(terminal, this.#shown);
    const state = captureState(terminal);
    terminal.dispose();
    return state;
  }

  /** What a test asks about. */
  seen = () => ({
    answers: this.answers,
    typedBytes: this.typedBytes,
    flooding: this.#flooding,
    largestFrame: this.#largestFrame,
    acknowledged: this.acknowledgements.at(-1) ?? 0,
    size: this.#deciding?.size,
  });
  /** Breaks every connection, as a network does. */
  cut(code: number): void {
    for (const { socket } of this.#views) socket.close(code);
  }

  #framed(view: View, frame: TerminalClientFrame): void {
    if (frame.type === "ack") {
      view.acknowledged = frame.bytes;
      this.acknowledgements.push(frame.bytes);
    } else if (frame.type === "answer") {
      if (view === this.#deciding) this.answers.push(frame.data);
    } else {
      view.size = { cols: frame.cols, rows: frame.rows };
      if (view === this.#deciding) this.#sizeAll(view);
    }
  }

  #sizeAll(decider: View): void {
    for (const view of this.#views) if (view !== decider) this.#send(view, { type: "size", ...decider.size });
  }

  #typed(view: View, data: Buffer): void {
    if (this.#deciding !== view) {
      this.#deciding = view;
      this.#sizeAll(view);
    }
    this.typedBytes += data.length;
    this.#largestFrame = Math.max(this.#largestFrame, data.length);
    const text = data.toString();
    if (text.length > 5000) return; // A large paste is counted, not shown.
    for (const char of text) this.#char(char);
  }

  #char(char: string): void {
    if (char === "\x03") {
      this.#flooding = false;
      this.#line = "";
      this.print("^C\r\n");
      this.#prompt();
    } else if (char === "\r") {
      const command = this.#line.trim();
      this.#line = "";
      this.print("\r\n");
      void this.#run(command);
    } else if (char === "\x7f") {
      if (this.#line !== "") this.print("\b \b");
      this.#line = this.#line.slice(0, -1);
    } else {
      this.#line += char;
      this.print(char);
    }
  }

  async #run(command: string): Promise<void> {
    if (command === "exit") {
      for (const view of this.#views) this.#send(view, { type: "exit", code: 0 });
      return;
    }
    if (command === "flood") await this.#flood();
    else if (command === "query") this.print("\x1b[c\x1b[6n\x1b]11;?\x07asked\r\n");
    else if (command === "get nodes") this.print(NODES);
    else if (command !== "") this.print(`${command}: not found; this is no real shell\r\n`);
    this.#prompt();
  }

  /** As much output as fits the windows' acknowledgements, until it is all out or Ctrl-C comes. */
  async #flood(): Promise<void> {
    this.#flooding = true;
    let left = FLOOD_BYTES;
    const chunk = Buffer.from("0123456789abcdef ".repeat(963) + "\r\n");
    while (this.#flooding && left > 0) {
      const behind = Math.max(0, ...this.#views.map((view) => view.sent - view.acknowledged));
      if (behind < WINDOW_BYTES) {
        left -= chunk.length;
        for (const view of this.#views) this.#bytes(view, chunk);
      }
      await new Promise((done) => setImmediate(done));
    }
    this.#flooding = false;
  }

  #prompt(): void {
    this.print(`\x1b[1;36m${this.#host}\x1b[0m:\x1b[1;34m~\x1b[0m# `);
  }

  /** Output, as a program's. */
  print(text: string): void {
    this.#shown = (this.#shown + text).slice(-20_000);
    for (const view of this.#views) this.#bytes(view, Buffer.from(text));
  }

  #bytes(view: View, bytes: Buffer): void {
    view.sent += bytes.length;
    view.socket.send(bytes);
  }

  #send(view: View, frame: TerminalServerFrame): void {
    view.socket.send(JSON.stringify(frame));
  }
}

const NODES = [
  "NAME           STATUS   ROLES           AGE   VERSION",
  "controlplane   \x1b[32mReady\x1b[0m    control-plane   4m    v1.36.1",
  "node01         \x1b[33mReady,SchedulingDisabled\x1b[0m   <none>   4m    v1.36.1",
  "",
].join("\r\n");
