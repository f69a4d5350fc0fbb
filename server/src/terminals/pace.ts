import type { Viewer } from "./viewer.ts";

/** How far the shell may run ahead of what the fastest viewer has painted, beside what the keeper sends unacknowledged. */
const AHEAD_BYTES = 256 * 1024;
/** Acknowledgements to the keeper are gathered up to this; at the end of the output they are sent at once. */
const STEP_BYTES = 32 * 1024;
/** A viewer that acknowledges nothing for so long (a page in the background, a dead connection) is no longer waited for. */
const STALL_MS = 2000;

/** Decides how much output is acknowledged: what the screen has room for, at the pace of the fastest viewer; of the screen alone when nobody looks. */
export class Pace {
  readonly #viewers: ReadonlySet<Viewer>;
  readonly #onStalled: () => void;
  #acked = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(viewers: ReadonlySet<Viewer>, onStalled: () => void) {
    this.#viewers = viewers;
    this.#onStalled = onStalled;
  }

  /** Everything before this offset needs no acknowledgement (any more). */
  restart(offset: number): void {
    this.#acked = offset;
  }

  get acked(): number {
    return this.#acked;
  }

  /** The offset that is to be acknowledged now, or undefined when there is nothing new (or not enough). `taken`: up to where the screen takes output. */
  next(taken: number, end: number): number | undefined {
    const live = [...this.#viewers].filter((viewer) => viewer.started && !viewer.stalled);
    const painted = live.length === 0 ? Infinity : Math.max(...live.map((viewer) => viewer.paintedOffset)) + AHEAD_BYTES;
    if (painted < taken) this.#watchForStall(live);
    const limit = Math.min(taken, painted);
    if (limit - this.#acked < STEP_BYTES && (limit < end || limit <= this.#acked)) return undefined;
    this.#acked = limit;
    return limit;
  }

  /** Those that paint nothing from now on until the time is up hold nobody up any longer. */
  #watchForStall(live: readonly Viewer[]): void {
    if (this.#timer) return;
    const painted = new Map(live.map((viewer) => [viewer, viewer.paintedOffset]));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      for (const [viewer, before] of painted) viewer.stalled ||= viewer.unackedBytes > 0 && viewer.paintedOffset === before;
      this.#onStalled();
    }, STALL_MS);
    this.#timer.unref();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}
