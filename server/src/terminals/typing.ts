/** An echo is back long before that; whoever types on has typed again by then. */
const RECENT_MS = 250;

/**
 * Who types, of all shells of the server. While somebody does, the output of other shells gives way
 * ({@link Pace}): a flood would take every core that the echo needs.
 */
export class Typing {
  readonly #nowMs: () => number;
  #last: { shell: object; atMs: number } | undefined;
  /** The last one in another shell than the last. */
  #other: { shell: object; atMs: number } | undefined;

  constructor(nowMs = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Somebody typed in a shell. */
  note(shell: object): void {
    if (this.#last?.shell !== shell) this.#other = this.#last;
    this.#last = { shell, atMs: this.#nowMs() };
  }

  /** Whether somebody has just typed in another shell. */
  isElsewhere(shell: object): boolean {
    const elsewhere = this.#last?.shell === shell ? this.#other : this.#last;
    return elsewhere !== undefined && this.#nowMs() - elsewhere.atMs < RECENT_MS;
  }
}
