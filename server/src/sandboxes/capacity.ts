import { TOPOLOGIES, type Topology } from "../../../labs/src/sandbox/provider.ts";

/**
 * What a sandbox of so many hosts takes at most, measured: 730 MB for two, so each further one is
 * asked less than the first.
 */
const FIRST_HOST_BYTES = 550e6;
const OTHER_HOST_BYTES = 350e6;
/** Left for everything else on the machine. */
const RESERVE_BYTES = 500e6;

export function sandboxBytes(topology: Topology): number {
  return FIRST_HOST_BYTES + (TOPOLOGIES[topology].length - 1) * OTHER_HOST_BYTES;
}

export interface CapacityOptions {
  /** Most sandboxes at once; undefined: as many as free memory has room for. */
  maxSandboxes: number | undefined;
  freeBytes: () => number;
}

/** Counts the sandboxes that are there or on their way, so that none is begun that has no room. */
export class Capacity {
  readonly #options: CapacityOptions;
  /**
   * By the session (or pool place) that they are for. `made`: its memory is in use already, and no
   * longer part of what is free.
   */
  readonly #taken = new Map<string, { topology: Topology; made: boolean }>();

  constructor(options: CapacityOptions) {
    this.#options = options;
  }

  /**
   * Takes room for a sandbox; taking it twice for the same is taking it once. False where there is
   * none.
   */
  take(holder: string, topology: Topology): boolean {
    if (this.#taken.has(holder)) return true;
    if (!this.hasRoom(topology)) return false;
    this.#taken.set(holder, { topology, made: false });
    return true;
  }

  hasRoom(topology: Topology): boolean {
    const { maxSandboxes, freeBytes } = this.#options;
    if (maxSandboxes !== undefined) return this.#taken.size < maxSandboxes;
    const coming = [...this.#taken.values()].filter((one) => !one.made).reduce((sum, one) => sum + sandboxBytes(one.topology), 0);
    return freeBytes() - coming >= sandboxBytes(topology) + RESERVE_BYTES;
  }

  has(holder: string): boolean {
    return this.#taken.has(holder);
  }

  /** Counts one that exists, whether there is room or not. */
  adopt(holder: string, topology: Topology): void {
    this.#taken.set(holder, { topology, made: true });
  }

  made(holder: string): void {
    const one = this.#taken.get(holder);
    if (one) one.made = true;
  }

  giveBack(holder: string): void {
    this.#taken.delete(holder);
  }
}
