import type { Viewer } from "./viewer.ts";

/**
 * How far the shell may run ahead of what the fastest viewer has painted, beside what the keeper
 * sends unacknowledged.
 */
const AHEAD_BYTES = 256 * 1024;
/**
 * Acknowledgements to the keeper are gathered up to this; at the end of the output they are sent at
 * once.
 */
const STEP_BYTES = 32 * 1024;
/**
 * A viewer that acknowledges nothing for so long (a page in the background, a dead connection) is
 * no longer waited for.
 */
const STALL_MS = 2000;
/**
 * What is acknowledged in a turn, and how long a turn is, while the shell gives way: 0.8 MB/s, some
 * ten thousand lines a second. `yes` by itself prints 6 MB/s (the kernel's terminals take no more
 * of so short lines) and has the kernel take a core for that.
 */
const TURN_BYTES = 32 * 1024;
const TURN_MS = 40;
export const GIVING_WAY_BYTES_PER_MS = TURN_BYTES / TURN_MS;

export interface PaceOptions {
  viewers: ReadonlySet<Viewer>;
  /** Whether the output is to give way to somebody else. */
  givesWay: () => boolean;
  /** More may be acknowledged now. */
  onRoom: () => void;
}

/**
 * Decides how much output is acknowledged: what the screen has room for, at the pace of the fastest
 * viewer; of the screen alone when nobody looks. Less while somebody types in another shell.
 */
export class Pace {
  readonly #options: PaceOptions;
  #acked = 0;
  #stall: NodeJS.Timeout | undefined;
  #turn: { timer: NodeJS.Timeout; end: number } | undefined;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Everything before this offset needs no acknowledgement (any more). */
  restart(offset: number): void {
    this.#acked = offset;
  }

  get acked(): number {
    return this.#acked;
  }

  /**
   * The offset that is to be acknowledged now, or undefined when there is nothing new (or not
   * enough). `taken`: up to where the screen takes output.
   */
  next(taken: number, end: number): number | undefined {
    const live = [...this.#options.viewers].filter((viewer) => viewer.started && !viewer.stalled);
    const painted = live.length === 0 ? Infinity : Math.max(...live.map((viewer) => viewer.paintedOffset)) + AHEAD_BYTES;
    if (painted < taken) this.#watchForStall(live);
    const room = Math.min(taken, painted);
    const limit = room > this.#acked && this.#options.givesWay() ? Math.min(room, this.#turnEnd()) : room;
    if (limit - this.#acked < STEP_BYTES && (limit < end || limit <= this.#acked)) return undefined;
    this.#acked = limit;
    return limit;
  }

  /** Up to where may be acknowledged in this turn. */
  #turnEnd(): number {
    this.#turn ??= {
      end: this.#acked + TURN_BYTES,
      timer: setTimeout(() => {
        this.#turn = undefined;
        this.#options.onRoom();
      }, TURN_MS).unref(),
    };
    return this.#turn.end;
  }

  /** Those that paint nothing from now on until the time is up hold nobody up any longer. */
  #watchForStall(live: readonly Viewer[]): void {
    if (this.#stall) return;
    const painted = new Map(live.map((viewer) => [viewer, viewer.paintedOffset]));
    this.#stall = setTimeout(() => {
      this.#stall = undefined;
      for (const [viewer, before] of painted) viewer.stalled ||= viewer.unackedBytes > 0 && viewer.paintedOffset === before;
      this.#options.onRoom();
    }, STALL_MS);
    this.#stall.unref();
  }

  dispose(): void {
    clearTimeout(this.#stall);
    clearTimeout(this.#turn?.timer);
  }
}
