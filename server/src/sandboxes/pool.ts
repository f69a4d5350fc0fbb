import type { Sandbox, SandboxProvider, Topology } from "../../../labs/src/sandbox/provider.ts";
import type { Log } from "../log.ts";
import { newStop } from "../stop.ts";
import type { Capacity } from "./capacity.ts";

/** The one topology that waits ready: most tasks use it. */
const POOLED: Topology = "two-node";
const RETRY_MS = 60_000;

/** Finished sandboxes that wait frozen, so that a learner gets one at once. */
export class Pool {
  readonly #provider: SandboxProvider;
  readonly #size: number;
  readonly #capacity: Capacity;
  readonly #log: Log;
  readonly #waiting: string[] = [];
  readonly #stopping = newStop();
  #filling: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: { provider: SandboxProvider; size: number; capacity: Capacity; log: Log }) {
    this.#provider = options.provider;
    this.#size = options.size;
    this.#capacity = options.capacity;
    this.#log = options.log;
  }

  /** Takes a finished sandbox of an earlier run in; answers false where there is no place for it. */
  async adopt(id: string, topology: Topology): Promise<boolean> {
    if (topology !== POOLED || this.#waiting.length >= this.#size) return false;
    await this.#provider.freeze(id);
    this.#capacity.adopt(place(id), topology);
    this.#waiting.push(id);
    return true;
  }

  has(id: string): boolean {
    return this.#waiting.includes(id);
  }

  /** Hands one out, awake and leased; undefined where none waits. One that does not wake up is discarded. */
  async take(topology: Topology, leasedFor: string): Promise<Sandbox | undefined> {
    while (topology === POOLED) {
      const id = this.#waiting.shift();
      if (!id) return undefined;
      this.#capacity.giveBack(place(id));
      try {
        await this.#provider.lease(id, leasedFor);
        await this.#provider.thaw(id);
        return await this.#provider.open(id);
      } catch (error) {
        this.#log.warn({ err: error, session: leasedFor, sandbox: id }, "a pooled sandbox did not wake up");
        void this.#provider.remove(id).catch(() => undefined);
      }
    }
    return undefined;
  }

  /** Makes what is missing, one after another, in the background. */
  fill(): void {
    if (this.#filling || this.#stopping.signal.aborted) return;
    clearTimeout(this.#retry);
    this.#filling = this.#fill()
      .catch((error: unknown) => {
        this.#log.warn({ err: error }, "the pool could not be filled");
        this.#retry = setTimeout(() => this.fill(), RETRY_MS);
        this.#retry.unref();
      })
      .finally(() => (this.#filling = undefined));
  }

  async #fill(): Promise<void> {
    while (this.#waiting.length < this.#size && !this.#stopping.signal.aborted) {
      this.#capacity.take("pool", POOLED);
      try {
        const { id } = await this.#provider.create({ topology: POOLED, owner: "server", signal: this.#stopping.signal });
        await this.adopt(id, POOLED);
      } finally {
        this.#capacity.giveBack("pool");
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#retry);
    await this.#filling;
  }
}

function place(id: string): string {
  return `pool ${id}`;
}
