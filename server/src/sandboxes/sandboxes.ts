import { setTimeout as sleep } from "node:timers/promises";
import type { PhasePlan, Progress, Report } from "../../../labs/src/progress.ts";
import type { Sandbox, SandboxProvider, SandboxRecord, Topology } from "../../../labs/src/sandbox/provider.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { noteFailure } from "../metrics/note-failure.ts";
import { Admission, type OnPlace } from "./admission.ts";
import { Capacity, type CapacityOptions } from "./capacity.ts";
import { Pool } from "./pool.ts";
import { Queue } from "./queue.ts";

/**
 * Making a cluster takes both cores for most of its time: more at once only wait for each other.
 */
const MADE_AT_ONCE = 2;

/**
 * The sandbox that was replaced is removed when the first things have been done in the other:
 * removing takes the engine and both cores for a moment.
 */
const AFTER_SWAP_MS = 3000;

export interface SandboxesOptions extends CapacityOptions {
  /** Most sandboxes of each topology that wait frozen. */
  poolSize: number;
  freeDiskBytes: () => number;
  /** What is left of the leases, in milliseconds, shortest first. */
  leasesLeftMs: () => Promise<number[]>;
  /** Whether somebody waits for the machine. */
  isBusy: () => boolean;
  /** For how many milliseconds nobody has used a session. */
  quietForMs: () => number;
  monotonicMs: () => number;
  /** How often is looked whether nobody waits or types any more. */
  lookEveryMs: number;
  /** The pool or the queue changed. */
  onChange: () => void;
  log: Log;
  /** Counts what went wrong behind the scenes. */
  metrics: Pick<Metrics, "error">;
}

export interface AcquireOptions {
  topology: Topology;
  /** The session that it is for. */
  leasedFor: string;
  /** The session's sandbox so far, which goes away as soon as it can be replaced. */
  replaces?: string;
  progress: Progress;
  signal: AbortSignal;
}

/** Gives sessions their sandboxes and takes them back. */
export class Sandboxes {
  readonly provider: SandboxProvider;
  readonly #capacity: Capacity;
  readonly #pool: Pool;
  readonly #admission: Admission;
  readonly #queue = new Queue(MADE_AT_ONCE);
  readonly #log: Log;
  readonly #metrics: Pick<Metrics, "error">;
  /** Those being removed: nobody else needs to. */
  readonly #leaving = new Map<string, Promise<void>>();
  /** What a dead server left half-made is being removed. */
  #clearing: Promise<void> = Promise.resolve();

  constructor(provider: SandboxProvider, options: SandboxesOptions) {
    this.provider = provider;
    this.#log = options.log;
    this.#metrics = options.metrics;
    this.#capacity = new Capacity(options);
    const discard = (id: string) => void this.discard(id);
    this.#pool = new Pool({ ...options, provider, size: options.poolSize, capacity: this.#capacity, discard });
    this.#admission = new Admission({ ...options, tryTake: (holder, topology) => this.#tryTake(holder, topology) });
  }

  /** How pool and queue stand. */
  get state(): { ready: number; isRefilling: boolean; waiting: number } {
    return { ...this.#pool.state, waiting: this.#admission.holders.length + this.#queue.waiting };
  }

  /**
   * Takes room for a session's sandbox, or a place in the queue for it.
   * @throws DrydockError `capacity.full` where that is full too
   */
  reserve(session: string, topology: Topology): void {
    if (!this.#capacity.has(session)) this.#admission.reserve(session, topology);
  }

  /** The sessions that wait for room, in their order. */
  get queued(): string[] {
    return this.#admission.holders;
  }

  /** A session has this sandbox from an earlier life of the server. */
  adopt(session: string, topology: Topology): void {
    this.#capacity.adopt(session, topology);
  }

  /** The session wants no sandbox any more; others may have its room. */
  release(session: string): void {
    this.#admission.leave(session);
    this.#pool.putBack(session);
    this.#capacity.giveBack(session);
    this.#admission.next();
    this.#pool.fill();
  }

  #tryTake(holder: string, topology: Topology): boolean {
    if (this.#capacity.has(holder) || this.#pool.keepFor(holder, topology)) return true;
    if (this.#capacity.take(holder, topology)) return true;
    // Its memory is free only when it is gone: whoever waits is asked again then.
    return this.#pool.evict() && this.#capacity.take(holder, topology);
  }

  /**
   * A pristine sandbox, leased and awake: from the pool, or made when there is room for it. What it
   * replaces is removed: afterwards where one was waiting, so that it takes no time; before where
   * one has to be made, so that it takes no room.
   * @throws DrydockError `capacity.full`, `process.aborted` and whatever making one throws; the
   * room is given back then
   */
  async acquire({ topology, leasedFor, replaces, progress, signal }: AcquireOptions): Promise<Sandbox> {
    try {
      if (this.#capacity.has(leasedFor)) this.#pool.keepFor(leasedFor, topology);
      else await this.#admission.enter(leasedFor, topology, signal, waitPhase(progress, ROOM));
      const sandbox =
        (await this.#pool.take(leasedFor)) ?? (await this.#make({ topology, leasedFor, replaces, progress, signal }));
      this.#capacity.made(leasedFor);
      return sandbox;
    } catch (error) {
      this.release(leasedFor);
      throw error;
    } finally {
      if (replaces) setTimeout(() => void this.discard(replaces), AFTER_SWAP_MS).unref();
      this.#pool.fill();
    }
  }

  async #make({ topology, leasedFor, replaces, progress, signal }: AcquireOptions): Promise<Sandbox> {
    if (replaces) await this.discard(replaces);
    // Clusters that nobody waits for take both cores until they are gone.
    await this.#clearing;
    const told = waitPhase(progress, TURN);
    return this.#queue.run(
      signal,
      (position) => told({ position }),
      () => this.provider.create({ topology, owner: "server", leasedFor, signal, progress }),
    );
  }

  /** Has the pool filled, as soon as nobody waits for the machine. */
  fill(): void {
    this.#pool.fill();
  }

  /**
   * Removes a sandbox behind the scenes; `log` says for whom. What fails is tried again when
   * garbage is next looked for.
   */
  discard(id: string, log = this.#log): Promise<void> {
    const known = this.#leaving.get(id);
    if (known) return known;
    const leaving = this.provider
      .remove(id)
      .catch((error: unknown) => this.#note(error, "a sandbox could not be removed", { sandbox: id }, log))
      .finally(() => {
        this.#leaving.delete(id);
        this.#admission.next();
        this.#pool.fill();
      });
    this.#leaving.set(id, leaving);
    return leaving;
  }

  /**
   * Removes behind the scenes, `afterMs` from now, what an earlier life of the server left
   * half-made, then as {@link Sandboxes.sweep}.
   */
  clearUp(afterMs: number, records: readonly SandboxRecord[], wanted: (record: SandboxRecord) => boolean): void {
    this.#clearing = sleep(afterMs, undefined, { ref: false })
      .then(() => this.provider.collectGarbage("server"))
      .then(
        (garbage) => void (garbage.length > 0 && this.#log.info({ sandboxes: garbage }, "removed half-made sandboxes")),
        (error: unknown) => this.#note(error, "half-made sandboxes could not be removed"),
      );
    void this.#clearing
      .then(() => this.sweep(records, wanted))
      .catch((error: unknown) => this.#note(error, "sandboxes that nobody has could not be removed"));
  }

  /**
   * Removes those of the server that no session has and the pool does not want. `wanted` says whose
   * are in use or on their way.
   */
  async sweep(records: readonly SandboxRecord[], wanted: (record: SandboxRecord) => boolean): Promise<void> {
    for (const record of records) {
      if (record.owner !== "server" || record.state === "creating" || wanted(record)) continue;
      if (this.#pool.has(record.id) || this.#leaving.has(record.id)) continue;
      if (record.state === "ready") this.#pool.offer(record);
      else {
        this.#log.info({ sandbox: record.id }, "removing a sandbox that nobody has");
        await this.discard(record.id);
      }
    }
    this.#pool.fill();
  }

  #note(error: unknown, text: string, context: object = {}, log = this.#log): void {
    noteFailure({ log, metrics: this.#metrics }, error, text, context);
  }

  async stop(): Promise<void> {
    this.#admission.stop();
    await this.#pool.stop();
    await Promise.all(this.#leaving.values());
  }
}

const ROOM = { id: "room", title: "Waiting for a free sandbox" };
const TURN = { id: "queue", title: "Waiting for its turn" };

/** Shows the place in a queue as a phase of its own, where there is a queue. */
function waitPhase(progress: Progress, phase: PhasePlan): OnPlace {
  let report: Report | undefined;
  let over: (() => void) | undefined;
  return (place) => {
    if (place.position === 0) return over?.();
    if (!over) {
      void progress.phase(phase, (tell) => {
        report = tell;
        return new Promise<void>((done) => (over = done));
      });
    }
    report?.(place);
  };
}
