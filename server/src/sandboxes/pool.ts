import { type Sandbox, type SandboxProvider, TOPOLOGIES, type Topology } from "../../../labs/src/sandbox/provider.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { noteFailure } from "../metrics/note-failure.ts";
import { newStop } from "../stop.ts";
import type { Capacity } from "./capacity.ts";

interface Waiting {
  id: string;
  topology: Topology;
}

/**
 * A pooled sandbox's disk is 150 MB, and a task in it may well take as much; what is left is for
 * the people who work.
 */
const DISK_RESERVE_BYTES = 4e9;
const RETRY_MS = 60_000;
/**
 * While a cluster boots, the 99th percentile of a key's echo is 20 ms and not 4, however low its
 * weight (seen with Linux 6.18 on two cores): so it begins when nobody has typed for a moment.
 * Where somebody always types, those who start next would pay for it with a cluster made before
 * their eyes: so it is put off for a while only.
 */
const QUIET_MS = 5000;
const MOST_PUT_OFF_MS = 60_000;

export interface PoolOptions {
  provider: SandboxProvider;
  /** Most of each topology that wait at once; fewer where memory or disk is short. */
  size: number;
  capacity: Capacity;
  freeDiskBytes: () => number;
  /** Whether somebody waits for the machine: refilling is put off then. */
  isBusy: () => boolean;
  /** For how many milliseconds nobody has used a session. */
  quietForMs: () => number;
  monotonicMs: () => number;
  /** How often is looked whether it may be refilled. */
  lookEveryMs: number;
  /** Removes a sandbox behind the scenes. */
  discard: (id: string) => void;
  /** The number of those that wait changed, or refilling began or ended. */
  onChange: () => void;
  log: Log;
  /** Counts what went wrong behind the scenes. */
  metrics: Pick<Metrics, "error">;
}

/** Finished sandboxes that wait frozen, so that a learner gets one at once. */
export class Pool {
  readonly #options: PoolOptions;
  /** Of an earlier run, not looked at yet. */
  #found: Waiting[] = [];
  readonly #waiting: Waiting[] = [];
  /** Kept for somebody who is about to take it, by holder. */
  readonly #kept = new Map<string, Waiting>();
  readonly #stopping = newStop();
  #filling: Promise<void> | undefined;
  #isMaking = false;
  #again: NodeJS.Timeout | undefined;
  /** Since when refilling is put off for somebody who types, by the monotonic clock. */
  #putOffAtMs: number | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** A finished sandbox of an earlier run: it is looked at when the pool is next filled. */
  offer({ id, topology }: Waiting): void {
    if (!this.has(id)) this.#found.push({ id, topology });
  }

  has(id: string): boolean {
    return [...this.#waiting, ...this.#found, ...this.#kept.values()].some((one) => one.id === id);
  }

  /** How it stands: how many wait, and whether one more is being made. */
  get state(): { ready: number; isRefilling: boolean } {
    return { ready: this.#waiting.length, isRefilling: this.#isMaking };
  }

  /**
   * Keeps a waiting sandbox for a holder, who has its room from then on. False where none waits.
   */
  keepFor(holder: string, topology: Topology): boolean {
    if (this.#kept.has(holder)) return true;
    const index = this.#waiting.findIndex((one) => one.topology === topology);
    if (index < 0) return false;
    const [one] = this.#waiting.splice(index, 1) as [Waiting];
    this.#options.capacity.giveBack(place(one.id));
    this.#options.capacity.adopt(holder, topology);
    this.#kept.set(holder, one);
    this.#options.onChange();
    return true;
  }

  /** The holder does not want it any more. */
  putBack(holder: string): void {
    const one = this.#kept.get(holder);
    if (!one) return;
    this.#kept.delete(holder);
    this.#add(one);
  }

  /**
   * Hands out what was kept for a holder, awake and leased; undefined where nothing was. One that
   * does not wake up is discarded.
   */
  async take(holder: string): Promise<Sandbox | undefined> {
    const { provider, discard } = this.#options;
    const { id } = this.#kept.get(holder) ?? {};
    if (!id) return undefined;
    this.#kept.delete(holder);
    try {
      await provider.lease(id, holder);
      const [sandbox] = await Promise.all([provider.open(id), provider.thaw(id)]);
      return sandbox;
    } catch (error) {
      noteFailure(this.#options, error, "a pooled sandbox did not wake up", { session: holder, sandbox: id });
      discard(id);
      return undefined;
    }
  }

  /** Gives one up where room is short, and says whether there was one. */
  evict(): boolean {
    const one = this.#waiting.pop();
    if (!one) return false;
    this.#options.capacity.giveBack(place(one.id));
    this.#options.discard(one.id);
    this.#options.onChange();
    return true;
  }

  /**
   * Makes what is missing, one after another, in the background, whenever nobody waits for the
   * machine.
   */
  fill(): void {
    if (this.#filling || this.#stopping.signal.aborted) return;
    clearTimeout(this.#again);
    this.#filling = this.#fill()
      .catch((error: unknown) => {
        if (this.#stopping.signal.aborted) return;
        noteFailure(this.#options, error, "the pool could not be filled");
        this.#later(RETRY_MS);
      })
      .finally(() => (this.#filling = undefined));
  }

  #later(ms: number): void {
    this.#again = setTimeout(() => this.fill(), ms);
    this.#again.unref();
  }

  async #fill(): Promise<void> {
    for (let one = this.#found.shift(); one; one = this.#found.shift()) await this.#adopt(one);
    for (let topology = this.#missing; topology && !this.#stopping.signal.aborted; topology = this.#missing) {
      if (this.#options.isBusy() || !this.#hasRoom(topology) || this.#spares()) return this.#later(this.#options.lookEveryMs);
      await this.#make(topology);
    }
  }

  /** Whether it is put off for somebody who types. */
  #spares(): boolean {
    const { quietForMs, monotonicMs } = this.#options;
    this.#putOffAtMs ??= monotonicMs();
    if (quietForMs() < QUIET_MS && monotonicMs() - this.#putOffAtMs < MOST_PUT_OFF_MS) return true;
    this.#putOffAtMs = undefined;
    return false;
  }

  /** The topology of which the fewest wait, where it is fewer than there may be. */
  get #missing(): Topology | undefined {
    const topologies = Object.keys(TOPOLOGIES) as Topology[];
    const [fewest] = topologies.sort((a, b) => this.#count(a) - this.#count(b)) as [Topology];
    return this.#count(fewest) < this.#options.size ? fewest : undefined;
  }

  #count(topology: Topology): number {
    return this.#waiting.filter((one) => one.topology === topology).length;
  }

  #hasRoom(topology: Topology): boolean {
    return this.#options.capacity.hasRoom(topology) && this.#options.freeDiskBytes() > DISK_RESERVE_BYTES;
  }

  async #adopt({ id, topology }: Waiting): Promise<void> {
    const { provider, size, discard, log } = this.#options;
    if (this.#count(topology) >= size || !(await provider.isCurrent(id).catch(() => false))) {
      log.info({ sandbox: id }, "removing a sandbox that nobody has");
      return discard(id);
    }
    await provider.freeze(id);
    this.#add({ id, topology });
  }

  async #make(topology: Topology): Promise<void> {
    const { provider, capacity, onChange } = this.#options;
    const signal = this.#stopping.signal;
    if (!capacity.take(MAKING, topology)) return;
    this.#isMaking = true;
    onChange();
    try {
      const { id } = await provider.create({ topology, owner: "server", signal, inBackground: true });
      await provider.freeze(id);
      this.#add({ id, topology });
    } finally {
      this.#isMaking = false;
      capacity.giveBack(MAKING);
      onChange();
    }
  }

  #add(one: Waiting): void {
    this.#options.capacity.adopt(place(one.id), one.topology);
    this.#waiting.push(one);
    this.#options.onChange();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#again);
    await this.#filling;
  }
}

/** Holder of the room for the one that is being made. */
const MAKING = "pool";

function place(id: string): string {
  return `pool ${id}`;
}
