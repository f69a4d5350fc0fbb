import type { SessionRow } from "../store/tables.ts";
import type { SessionParts } from "./parts.ts";
import type { Publisher } from "./publish.ts";

const SPEND_EVERY_MS = 10_000;
/** The page says how little is left at these times. */
const WARN_AT_MS = [10 * 60_000, 2 * 60_000];

/**
 * Counts leases down by a clock that nobody can set: what is left is kept, not when it ends, so
 * that neither a clock that jumps nor a machine that sleeps or a server that is down ends a lease,
 * and none lasts for ever.
 */
export class Leases {
  readonly #parts: SessionParts;
  readonly #publisher: Publisher;
  readonly #end: (row: SessionRow) => Promise<void>;
  /** Length of a lease; null: leases do not end. */
  readonly fullMs: number | null;
  #timer: NodeJS.Timeout | undefined;
  #spentAtMs = 0;

  constructor(
    parts: SessionParts,
    publisher: Publisher,
    options: { leaseMs: number | undefined; end: (row: SessionRow) => Promise<void> },
  ) {
    this.#parts = parts;
    this.#publisher = publisher;
    this.#end = options.end;
    this.fullMs = options.leaseMs ?? null;
  }

  /** Begins to count. Leases of an earlier life of the server are cut to what is allowed now. */
  async start(): Promise<void> {
    const { store, monotonicMs } = this.#parts;
    for (const { id, lease_left_ms: left } of await store.sessions.running()) {
      const allowed = this.fullMs === null ? null : Math.min(left ?? this.fullMs, this.fullMs);
      if (left !== allowed) await store.sessions.update(id, { lease_left_ms: allowed });
    }
    this.#spentAtMs = monotonicMs();
    this.#timer ??= setInterval(() => void this.spend(), SPEND_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** What is left of every lease, in milliseconds, shortest first. */
  async leftMs(): Promise<number[]> {
    const rows = await this.#parts.store.sessions.running();
    return rows
      .flatMap(({ sandbox, lease_left_ms: left }) => (sandbox && left !== null ? [Math.max(0, left)] : []))
      .sort((a, b) => a - b);
  }

  /**
   * Takes the time since the last call off all leases, ends those that are over, and has the page
   * told of those that soon will be.
   */
  async spend(): Promise<void> {
    const { store, log, monotonicMs } = this.#parts;
    const nowMs = monotonicMs();
    const spentMs = Math.round(nowMs - this.#spentAtMs);
    try {
      const rows = await store.sessions.spendLeases(spentMs);
      this.#spentAtMs = nowMs;
      for (const row of rows) {
        const left = row.lease_left_ms!;
        if (left <= 0) {
          log.info({ session: row.id, sandbox: row.sandbox }, "a lease is over");
          await this.#end(row);
        } else if (WARN_AT_MS.some((at) => left <= at && left + spentMs > at)) await this.#publisher.publish(row.id);
      }
    } catch (error) {
      log.warn({ err: error }, "leases could not be counted");
    }
  }
}
