import type { Progress } from "../../../labs/src/progress.ts";
import type { Sandbox, SandboxProvider, SandboxRecord, Topology } from "../../../labs/src/sandbox/provider.ts";
import type { Log } from "../log.ts";
import { Capacity, type CapacityOptions } from "./capacity.ts";
import { Pool } from "./pool.ts";
import { Queue } from "./queue.ts";

/** Making a cluster takes both cores for most of its time: more at once only wait for each other. */
const MADE_AT_ONCE = 2;

export interface AcquireOptions {
  topology: Topology;
  /** The session that it is for. */
  leasedFor: string;
  progress: Progress;
  signal: AbortSignal;
}

/** Gives sessions their sandboxes and takes them back. */
export class Sandboxes {
  readonly provider: SandboxProvider;
  readonly capacity: Capacity;
  readonly #pool: Pool;
  readonly #queue = new Queue(MADE_AT_ONCE);
  readonly #log: Log;
  /** Those being removed: nobody else needs to. */
  readonly #leaving = new Map<string, Promise<void>>();

  constructor(provider: SandboxProvider, options: CapacityOptions & { poolSize: number; log: Log }) {
    this.provider = provider;
    this.capacity = new Capacity(options);
    this.#log = options.log;
    this.#pool = new Pool({ provider, size: options.poolSize, capacity: this.capacity, log: options.log });
  }

  /** How many wait until it is their turn to have one made. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /** A pristine sandbox, leased and awake: from the pool, or made. @throws DrydockError `capacity.full` and whatever making one throws */
  async acquire({ topology, leasedFor, progress, signal }: AcquireOptions): Promise<Sandbox> {
    this.capacity.take(leasedFor, topology);
    try {
      const sandbox =
        (await this.#pool.take(topology, leasedFor)) ??
        (await this.#queue.run(signal, waitPhase(progress), () =>
          this.provider.create({ topology, owner: "server", leasedFor, signal, progress }),
        ));
      this.capacity.made(leasedFor);
      return sandbox;
    } catch (error) {
      this.capacity.giveBack(leasedFor);
      throw error;
    } finally {
      this.#pool.fill();
    }
  }

  /** Removes a sandbox behind the scenes; `log` says for whom. What fails is tried again when garbage is next looked for. */
  discard(id: string, log = this.#log): Promise<void> {
    const known = this.#leaving.get(id);
    if (known) return known;
    const leaving = this.provider
      .remove(id)
      .catch((error: unknown) => log.warn({ err: error, sandbox: id }, "a sandbox could not be removed"))
      .finally(() => {
        this.#leaving.delete(id);
        this.#pool.fill();
      });
    this.#leaving.set(id, leaving);
    return leaving;
  }

  /** Removes those of the server that no session has and the pool does not want. `wanted` says whose are in use or on their way. */
  async sweep(records: readonly SandboxRecord[], wanted: (record: SandboxRecord) => boolean): Promise<void> {
    for (const record of records) {
      if (record.owner !== "server" || record.state === "creating" || wanted(record)) continue;
      if (this.#pool.has(record.id) || this.#leaving.has(record.id)) continue;
      if (record.state === "ready" && (await this.#pool.adopt(record.id, record.topology))) continue;
      this.#log.info({ sandbox: record.id }, "removing a sandbox that nobody has");
      await this.discard(record.id);
    }
    this.#pool.fill();
  }

  async stop(): Promise<void> {
    await this.#pool.stop();
    await Promise.all(this.#leaving.values());
  }
}

/** Shows the place in the queue as a phase of its own, where there is a queue. */
function waitPhase(progress: Progress): (position: number) => void {
  let report: ((detail: string) => void) | undefined;
  let over: (() => void) | undefined;
  return (position) => {
    if (position === 0) return over?.();
    if (!over) {
      void progress.phase({ id: "queue", title: "Waiting for its turn" }, (tell) => {
        report = tell;
        return new Promise<void>((done) => (over = done));
      });
    }
    report?.(`number ${position} in the queue`);
  };
}
