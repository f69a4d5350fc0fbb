/**
 * Progress of a long piece of work as named phases, shown in the page and in the terminal alike.
 */

export interface Phase {
  /** Stable, in kebab-case: `kubernetes-binaries`. */
  id: string;
  /** What a person reads: "Building Kubernetes". */
  title: string;
  state: "waiting" | "running" | "done" | "failed";
  /** Milliseconds since it began, or that it took. */
  elapsedMs: number;
  /** Milliseconds that it is expected to take; absent where nobody knows. */
  estimateMs?: number;
  /** The latest thing it said, one line. */
  detail?: string;
  /** Of a phase that is waiting in a queue. */
  place?: Place;
}

/** Where somebody stands in a queue. */
export interface Place {
  /** 1 is next. */
  position: number;
  /** Milliseconds until it is their turn at the latest; absent where nobody knows. */
  withinMs?: number;
}

export interface PhasePlan {
  id: string;
  title: string;
  estimateMs?: number;
}

/**
 * Hands out one phase's progress: call it with one line of what is being done now, or with the
 * place in the queue.
 */
export type Report = (told: string | Place) => void;

type Entry = { plan: PhasePlan; startedAtMs?: number; endedAtMs?: number } & Pick<Phase, "state" | "detail" | "place">;

/**
 * Runs phases, which may overlap, and tells listeners of every change. Phases not planned are added
 * as they begin.
 */
export class Progress {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(phases: Phase[]) => void>();
  readonly #nowMs: () => number;

  constructor(plan: readonly PhasePlan[] = [], nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
    for (const one of plan) this.#entries.set(one.id, { plan: one, state: "waiting" });
  }

  /**
   * Runs `work` as the phase `plan.id`. Rethrows what it throws, after the phase is marked as
   * failed.
   */
  async phase<T>(plan: PhasePlan, work: (report: Report) => Promise<T>): Promise<T> {
    const known = this.#entries.get(plan.id);
    const entry: Entry = { plan: { ...known?.plan, ...plan }, state: "running", startedAtMs: this.#nowMs() };
    this.#entries.set(plan.id, entry);
    this.#changed();
    try {
      const result = await work((told) => {
        if (typeof told === "string") entry.detail = told;
        else entry.place = told;
        this.#changed();
      });
      entry.state = "done";
      return result;
    } catch (error) {
      entry.state = "failed";
      entry.detail = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      entry.endedAtMs = this.#nowMs();
      this.#changed();
    }
  }

  /** All phases, in the order in which they were planned. */
  snapshot(): Phase[] {
    const now = this.#nowMs();
    return [...this.#entries.values()].map((entry) => ({
      id: entry.plan.id,
      title: entry.plan.title,
      state: entry.state,
      elapsedMs: entry.startedAtMs === undefined ? 0 : (entry.endedAtMs ?? now) - entry.startedAtMs,
      estimateMs: entry.plan.estimateMs,
      detail: entry.detail,
      place: entry.place,
    }));
  }

  /** Calls `listener` after every change; returns what ends that. */
  subscribe(listener: (phases: Phase[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(): void {
    if (this.#listeners.size === 0) return;
    const phases = this.snapshot();
    for (const listener of this.#listeners) listener(phases);
  }
}
