import { DrydockError } from "../../../labs/src/errors.ts";
import type { Place } from "../../../labs/src/progress.ts";
import type { Topology } from "../../../labs/src/sandbox/provider.ts";

/** Most who wait for room; whoever comes then is refused. */
export const MOST_WAITING = 30;
/** Free memory changes without telling. */
const LOOK_EVERY_MS = 2000;

/**
 * Hears of a place in the queue, 0: the waiting is over. At the latest it ends as told, unless
 * others extend their leases.
 */
export type OnPlace = (place: Place) => void;

export interface AdmissionOptions {
  /** Takes room for a sandbox, where there is some. */
  tryTake: (holder: string, topology: Topology) => boolean;
  /** What is left of the leases, in milliseconds, shortest first. */
  leasesLeftMs: () => Promise<number[]>;
}

interface Entry {
  holder: string;
  topology: Topology;
  /** Set while somebody waits with it. */
  told?: OnPlace;
}

/** Gives room to sessions in the order of their arrival. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #waiting: Entry[] = [];
  #look: NodeJS.Timeout | undefined;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * Takes room, or a place in the queue, once for each holder.
   * @throws DrydockError `capacity.full` where the queue is full too
   */
  reserve(holder: string, topology: Topology): void {
    if (this.#waiting.some((entry) => entry.holder === holder)) return;
    if (this.#waiting.length === 0 && this.#options.tryTake(holder, topology)) return;
    if (this.#waiting.length >= MOST_WAITING) {
      throw new DrydockError("capacity.full", `There is no room for another sandbox, and ${MOST_WAITING} others wait for one`, {
        advice: "Try again later",
      });
    }
    this.#waiting.push({ holder, topology });
    this.#look ??= setInterval(() => this.next(), LOOK_EVERY_MS).unref();
  }

  /**
   * Waits until the holder has room. `told` hears of every change of its place.
   * @throws DrydockError `capacity.full`, `process.aborted` when the signal fires first: the place
   * is given up then
   */
  async enter(holder: string, topology: Topology, signal: AbortSignal, told: OnPlace): Promise<void> {
    this.reserve(holder, topology);
    const entry = this.#waiting.find((one) => one.holder === holder);
    if (!entry) return;
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.leave(holder);
        told({ position: 0 });
        reject(new DrydockError("process.aborted", "It was stopped while it waited for room"));
      };
      if (signal.aborted) return leave();
      signal.addEventListener("abort", leave, { once: true });
      entry.told = (place) => {
        told(place);
        if (place.position > 0) return;
        signal.removeEventListener("abort", leave);
        resolve();
      };
      void this.#tellPlaces();
    });
  }

  /** Gives a place in the queue up. */
  leave(holder: string): void {
    const index = this.#waiting.findIndex((entry) => entry.holder === holder);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    this.next();
  }

  /** Lets in whom there is room for now. */
  next(): void {
    for (let first = this.#waiting[0]; first && this.#options.tryTake(first.holder, first.topology); first = this.#waiting[0]) {
      this.#waiting.shift();
      first.told?.({ position: 0 });
    }
    if (this.#waiting.length === 0) this.stop();
    void this.#tellPlaces();
  }

  /** The holders that wait, in order. */
  get holders(): string[] {
    return this.#waiting.map(({ holder }) => holder);
  }

  stop(): void {
    clearInterval(this.#look);
    this.#look = undefined;
  }

  async #tellPlaces(): Promise<void> {
    if (!this.#waiting.some((entry) => entry.told)) return;
    const left = await this.#options.leasesLeftMs().catch(() => []);
    this.#waiting.forEach((entry, index) => entry.told?.({ position: index + 1, withinMs: left[index] }));
  }
}
