import type { TerminalServerFrame } from "../contract.ts";
import type { RecentOutput } from "./recent-output.ts";
import type { Snapshot } from "./screen.ts";

/**
 * What a viewer may leave unacknowledged. The page acknowledges every 64 KiB (ACK_EVERY_BYTES), so
 * some is always under way.
 */
export const VIEWER_WINDOW_BYTES = 512 * 1024;
/** Largest binary frame. */
const SLICE_BYTES = 64 * 1024;
/** What may lie in the socket: the rest waits in the recent output that all viewers share. */
const SOCKET_BYTES = 128 * 1024;

/** The part of a WebSocket that a viewer needs. */
export interface ViewerSocket {
  readonly bufferedAmount: number;
  send(data: Buffer | string, done?: () => void): void;
  close(code: number, reason?: string): void;
}

/**
 * One window that looks at a shell: gets a screen first, then what follows it, as fast as it
 * paints.
 */
export class Viewer {
  cols: number;
  rows: number;
  /** Grows with each key typed in the hub; 0 before the first. The highest decides the size. */
  typedAt = 0;
  /**
   * Set while it is so far behind, without any acknowledgement, that the shell no longer waits for
   * it.
   */
  stalled = false;
  readonly #socket: ViewerSocket;
  #started = false;
  /** Offset after the last byte that was sent. */
  #sent = 0;
  #sentBytes = 0;
  #ackedBytes = 0;
  #exitSent = false;

  constructor(socket: ViewerSocket, cols: number, rows: number) {
    this.#socket = socket;
    this.cols = cols;
    this.rows = rows;
  }

  /** Whether it has its screen, so that live output can follow. */
  get started(): boolean {
    return this.#started;
  }

  get unackedBytes(): number {
    return this.#sentBytes - this.#ackedBytes;
  }

  /** Offset up to which it has painted. */
  get paintedOffset(): number {
    return this.#sent - this.unackedBytes;
  }

  /** Gives it a screen that shows everything before `offset`; what was shown is cleared. */
  show(screen: Snapshot, offset: number): void {
    this.send({ type: "screen", state: screen.state });
    this.#sent = offset;
    this.#started = true;
  }

  /** It is to get a screen again before anything else. */
  restart(): void {
    this.#started = false;
    this.#exitSent = false;
  }

  /**
   * Sends what follows, as much as may be sent now; the rest goes when the socket has room or
   * acknowledgements come. Answers `behind` when what it needs is no longer there and it has caught
   * up far enough for a fresh screen to be of use.
   */
  pump(output: RecentOutput): "ok" | "behind" {
    while (this.#started && this.#sent < output.end) {
      const room = VIEWER_WINDOW_BYTES - this.unackedBytes;
      if (this.#sent < output.first)
        return room >= VIEWER_WINDOW_BYTES / 2 && this.#socket.bufferedAmount === 0 ? "behind" : "ok";
      if (room <= 0 || this.#socket.bufferedAmount > SOCKET_BYTES) return "ok";
      const bytes = output.read(this.#sent, Math.min(SLICE_BYTES, room))!;
      this.#sent += bytes.length;
      this.#sentBytes += bytes.length;
      this.#socket.send(bytes, () => this.onRoom());
    }
    return "ok";
  }

  /** Called when the socket has taken what it was given; the hub sets it. */
  onRoom: () => void = () => undefined;

  /** Takes an acknowledgement of so many bytes in all. Answers whether it was news. */
  acknowledge(bytes: number): boolean {
    const acked = Math.min(bytes, this.#sentBytes);
    if (acked <= this.#ackedBytes) return false;
    this.#ackedBytes = acked;
    this.stalled = false;
    return true;
  }

  /** Tells that the shell ended, once and after all its output. */
  tellExit(code: number | null, end: number): void {
    if (!this.#started || this.#exitSent || this.#sent < end) return;
    this.#exitSent = true;
    this.send({ type: "exit", code });
  }

  send(frame: TerminalServerFrame): void {
    this.#socket.send(JSON.stringify(frame));
  }

  fail(error: { code: string; message: string }, closeCode: number): void {
    this.send({ type: "error", ...error });
    this.#socket.close(closeCode, error.code);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}
