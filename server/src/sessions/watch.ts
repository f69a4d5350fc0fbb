import { DrydockError } from "../../../labs/src/errors.ts";
import type { SandboxRecord } from "../../../labs/src/sandbox/provider.ts";
import { describeFailure } from "../errors.ts";
import type { SessionRow } from "../store/tables.ts";
import { within } from "../within.ts";
import type { SessionParts } from "./parts.ts";
import type { Publisher } from "./publish.ts";
import { LOST } from "./recover.ts";

export interface WatchOptions {
  everyMs: number;
  /** How long the engine may take to say what runs. */
  patienceMs: number;
  /** An engine that does not answer so many times in a row is taken to be gone. */
  strikes: number;
}

/**
 * A machine that is very busy may take many seconds: patience costs less than a session that is
 * called lost and is not.
 */
export const WATCH: WatchOptions = { everyMs: 10_000, patienceMs: 15_000, strikes: 3 };

/**
 * A sandbox that seems to be gone is looked for once more: an engine that is just changing
 * something may not show it for a moment.
 */
const LOOK_AGAIN_MS = 500;

const SILENT = "engine.silent";

/** Garbage is looked for every so many looks. */
const SWEEP_EVERY = 30;

/**
 * Looks at what the engine has every now and then: a sandbox that vanished makes its session
 * `lost`, one that came back makes it `ready`.
 */
export class Watch {
  readonly #parts: SessionParts;
  readonly #publisher: Publisher;
  readonly #options: WatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #asking: Promise<SandboxRecord[]> | undefined;
  #failures = 0;
  #looks = 0;

  constructor(parts: SessionParts, publisher: Publisher, options: WatchOptions) {
    this.#parts = parts;
    this.#publisher = publisher;
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.look(), this.#options.everyMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Looks now (or joins a look that is under way); never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error: unknown) => this.#parts.log.error({ err: error }, "looking at the sandboxes failed"))
      .finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #look(): Promise<void> {
    const rows = (await this.#parts.store.sessions.running()).filter((row) => row.state === "ready" || row.state === "lost");
    const sweeping = ++this.#looks % SWEEP_EVERY === 0;
    if (rows.length === 0 && !sweeping) return;
    const records = await this.#ask();
    if (!records) {
      if (this.#failures < this.#options.strikes) return;
      const error = { ...describeFailure(silentEngine()) };
      for (const row of rows) if (row.state === "ready") await this.#mark(row, "lost", error);
      return;
    }
    const gone = rows.filter((row) => row.state === "ready" && !isAlive(row, records));
    const again = gone.length > 0 ? await this.#askAgain() : records;
    for (const row of gone) if (again && !isAlive(row, again)) await this.#mark(row, "lost", LOST);
    for (const row of rows) if (row.state === "lost" && isAlive(row, records)) await this.#mark(row, "ready");
    if (sweeping) await this.#sweep(records);
  }

  async #askAgain(): Promise<SandboxRecord[] | undefined> {
    await new Promise((next) => setTimeout(next, LOOK_AGAIN_MS).unref());
    return this.#ask();
  }

  /**
   * What the engine has; undefined when it does not answer. A question that is still open is not
   * asked a second time.
   */
  async #ask(): Promise<SandboxRecord[] | undefined> {
    this.#asking ??= this.#parts
      .sandboxes()
      .provider.list()
      .finally(() => (this.#asking = undefined));
    let records: SandboxRecord[] | undefined;
    let reason: unknown = "no answer in time";
    try {
      await within(
        this.#options.patienceMs,
        this.#asking.then((found) => (records = found)),
      );
    } catch (error) {
      reason = error;
    }
    this.#failures = records ? 0 : this.#failures + 1;
    if (records) return records;
    this.#parts.metrics.error(SILENT);
    this.#parts.log.warn({ err: reason, times: this.#failures }, "the engine does not say what runs");
    return undefined;
  }

  /** Changes a session's state unless it has changed meanwhile. */
  async #mark(row: SessionRow, state: "ready" | "lost", error?: object): Promise<void> {
    const { store, log } = this.#parts;
    const present = await store.sessions.find(row.id);
    if (present?.state !== row.state || present.sandbox !== row.sandbox) return;
    log.warn({ session: row.id, sandbox: row.sandbox, state, why: error }, "the state of a session changed");
    await store.sessions.update(row.id, { state, error: error ? JSON.stringify(error) : null });
    if (state === "lost") this.#parts.loseTerminals(row.id);
    await this.#publisher.publish(row.id);
  }

  async #sweep(records: SandboxRecord[]): Promise<void> {
    const rows = await this.#parts.store.sessions.running();
    const had = new Set(rows.map((row) => row.sandbox));
    const preparing = new Set(rows.filter((row) => row.state === "preparing").map((row) => row.id));
    await this.#parts.sandboxes().sweep(records, (one) => had.has(one.id) || preparing.has(one.leasedFor ?? ""));
  }
}

function isAlive(row: SessionRow, records: readonly SandboxRecord[]): boolean {
  return records.some((record) => record.id === row.sandbox && record.state !== "lost");
}

function silentEngine(): DrydockError {
  return new DrydockError(SILENT, "The container engine does not answer", {
    advice: "Start it again; the session is taken up when its sandbox is back. Reset gives you a new one",
  });
}
