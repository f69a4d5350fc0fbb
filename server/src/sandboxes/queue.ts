import { DrydockError } from "../../../labs/src/errors.ts";

/** Lets so many do something at a time; the others wait in order of their arrival. */
export class Queue {
  readonly #atOnce: number;
  #running = 0;
  readonly #waiting: { go: () => void; moved: (position: number) => void }[] = [];

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Runs `work` when it is its turn. `moved` is told the position (1 is next) whenever it changes
   * while waiting, and 0 when the waiting is over.
   * @throws DrydockError `process.aborted` when the signal fires while it waits
   */
  async run<T>(signal: AbortSignal, moved: (position: number) => void, work: () => Promise<T>): Promise<T> {
    await this.#turn(signal, moved);
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  #turn(signal: AbortSignal, moved: (position: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = {
        moved,
        go: () => {
          signal.removeEventListener("abort", leave);
          this.#running += 1;
          moved(0);
          resolve();
        },
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        this.#tellPositions();
        moved(0);
        reject(new DrydockError("process.aborted", "It was stopped while it waited for its turn"));
      };
      if (signal.aborted) return reject(new DrydockError("process.aborted", "It was stopped"));
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(entry);
      this.#next();
      if (this.#waiting.includes(entry)) this.#tellPositions();
    });
  }

  #next(): void {
    while (this.#running < this.#atOnce && this.#waiting.length > 0) {
      this.#waiting.shift()?.go();
      this.#tellPositions();
    }
  }

  #tellPositions(): void {
    this.#waiting.forEach((entry, index) => entry.moved(index + 1));
  }
}
