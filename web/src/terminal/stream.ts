import { terminalServerFrameSchema, type TerminalClientFrame } from "@drydock/server/contract";
import type { TerminalState } from "@drydock/terminal";
import { FlowCounter, retryDelayMs, splitInput } from "./flow.ts";

export interface Size {
  cols: number;
  rows: number;
}

/**
 * `ended`: the shell is gone. `refused`: the server will not have it (see `code`, of the socket,
 * and `reason`, the server's); nothing is tried again.
 */
export type StreamState =
  | { name: "connecting" }
  | { name: "connected" }
  | { name: "reconnecting" }
  | { name: "ended" }
  | { name: "refused"; code: number; reason?: string; message?: string };

/** What a stream tells its screen. */
export interface StreamListener {
  state(state: StreamState): void;
  /** Start afresh with this. `own`: the size is this window's, not another one's. */
  screen(state: TerminalState, own: boolean): void;
  /** Append these bytes, and call `painted` when they are on the screen. */
  output(bytes: Uint8Array, painted: () => void): void;
  /** Another window decided the size. */
  size(size: Size): void;
}

/**
 * After these the server will not change its mind: a wrong frame or query, not yours, unknown,
 * session not ready, too many windows.
 */
const FINAL_CODES = new Set([1008, 4400, 4401, 4404, 4409, 4429]);
const encoder = new TextEncoder();
const equal = (a: Size, b: Size) => a.cols === b.cols && a.rows === b.rows;

/**
 * The connection to one shell: comes back by itself when it breaks, and acknowledges what was
 * painted. Knows nothing of xterm.
 */
export class TerminalStream {
  readonly #url: (size: Size) => string;
  readonly #listener: StreamListener;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #size: Size = { cols: 80, rows: 24 };
  /** Typed before the first screen was there: sent then. Nobody waits for a prompt to type. */
  #early: (string | Uint8Array<ArrayBuffer>)[] | undefined = [];
  #tries = 0;
  #closed = false;

  /** @param url the stream's address for a window of this size */
  constructor(url: (size: Size) => string, listener: StreamListener) {
    this.#url = url;
    this.#listener = listener;
  }

  /** Connects, and stays connected until `close`. */
  open(size: Size): void {
    this.#size = size;
    this.#listener.state({ name: "connecting" });
    this.#connect();
    window.addEventListener("online", this.#connectNow);
    document.addEventListener("visibilitychange", this.#connectNow);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    window.removeEventListener("online", this.#connectNow);
    document.removeEventListener("visibilitychange", this.#connectNow);
    this.#socket?.close(1000);
  }

  /** Sends what was typed. While a connection is lost it is dropped: typing blindly is worse. */
  type(input: string | Uint8Array<ArrayBuffer>): void {
    if (this.#early) return void this.#early.push(input);
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    for (const frame of splitInput(typeof input === "string" ? encoder.encode(input) : input)) this.#socket.send(frame);
  }

  /** Sends what the emulator answers by itself. */
  answer(data: string): void {
    this.#send({ type: "answer", data });
  }

  resize(size: Size): void {
    if (equal(size, this.#size)) return;
    this.#size = size;
    this.#send({ type: "resize", ...size });
  }

  #send(frame: TerminalClientFrame): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #connect(): void {
    const socket = new WebSocket(this.#url(this.#size));
    const flow = new FlowCounter();
    const asked = this.#size;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      if (asked !== this.#size) this.#send({ type: "resize", ...this.#size });
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (socket !== this.#socket) return;
      if (typeof data === "string") return this.#take(data, asked);
      this.#listener.output(new Uint8Array(data), () => {
        const bytes = flow.paint(data.byteLength);
        if (bytes !== undefined && socket === this.#socket) this.#send({ type: "ack", bytes });
      });
    };
    socket.onclose = ({ code, reason }) => {
      if (socket === this.#socket) this.#lost(code, reason);
    };
    this.#socket = socket;
  }

  /** @param asked the size that this connection was opened with */
  #take(text: string, asked: Size): void {
    const parsed = terminalServerFrameSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return console.error("A frame with a shape that this page does not know", parsed.error);
    const frame = parsed.data;
    if (frame.type === "screen") {
      this.#tries = 0;
      this.#listener.screen(frame.state, equal(frame.state, asked) || equal(frame.state, this.#size));
      this.#listener.state({ name: "connected" });
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const input of early) this.type(input);
    } else if (frame.type === "size") this.#listener.size(frame);
    else if (frame.type === "exit") this.#end({ name: "ended" });
    else this.#end({ name: "refused", code: 0, reason: frame.code, message: frame.message });
  }

  #end(state: StreamState): void {
    this.#closed = true;
    this.#listener.state(state);
  }

  #lost(code: number, reason: string): void {
    this.#socket = undefined;
    if (this.#closed) return;
    if (FINAL_CODES.has(code)) return this.#end({ name: "refused", code, message: reason || undefined });
    this.#listener.state({ name: "reconnecting" });
    this.#timer = setTimeout(() => this.#connect(), retryDelayMs(this.#tries++, Math.random));
  }

  /** The network is back, or somebody looks: no reason to wait any longer. */
  readonly #connectNow = (): void => {
    if (this.#closed || this.#socket !== undefined || document.hidden) return;
    clearTimeout(this.#timer);
    this.#connect();
  };
}
