import { DrydockError } from "../../../labs/src/errors.ts";

/** How much of something one may have at once. */
export interface Limit {
  perLearner: number;
  /** Of one network address: a new learner costs no more than a browser that forgets its cookie. */
  perAddress: number;
}

export interface Limits {
  sessions: Limit;
  /** Places in the queue for room. */
  queue: Limit;
  /** Open pages: each has a stream of events. */
  pages: Limit;
  /** Windows on terminals: each has a WebSocket. */
  windows: Limit;
}

/** Room for a class behind one address; more than one person needs. */
export const DEFAULT_LIMITS: Limits = {
  sessions: { perLearner: 6, perAddress: 60 },
  queue: { perLearner: 2, perAddress: 20 },
  pages: { perLearner: 20, perAddress: 300 },
  windows: { perLearner: 48, perAddress: 500 },
};

/** Who asks for something. Without an address: this machine itself, which is not limited by it. */
export interface Asker {
  learner: string;
  address: string | undefined;
}

const WHAT: Record<keyof Limits, { many: string; advice: string }> = {
  sessions: { many: "running tasks", advice: "End one of them first" },
  queue: { many: "tasks that wait for a cluster", advice: "Wait until one of them has started, or end it" },
  pages: { many: "open Drydock pages", advice: "Close some; this one connects by itself then" },
  windows: { many: "windows on terminals", advice: "Close some, and open this terminal again" },
};

/**
 * Refuses one more where there are as many as may be.
 * @param had what the learner, and the address, have already
 * @throws DrydockError `limit.sessions`, `limit.queue`, `limit.pages`, `limit.windows` for the
 * learner's, `limit.address` for the address's
 */
export function refuseBeyond(
  what: keyof Limits,
  { perLearner, perAddress }: Limit,
  had: { learner: number; address: number },
): void {
  const { many, advice } = WHAT[what];
  if (had.learner >= perLearner) {
    throw new DrydockError(`limit.${what}`, `You have ${had.learner} ${many}, which is the most for one person`, { advice });
  }
  if (had.address >= perAddress) {
    throw new DrydockError("limit.address", `Your network address has ${had.address} ${many}, which is the most for one`, {
      advice: "Try again later, or ask who runs this Drydock for a higher limit",
    });
  }
}

/** Counts what is open and is closed again, by who has it. */
export class OpenCount {
  readonly #what: keyof Limits;
  readonly #limit: Limit;
  readonly #counts = new Map<string, number>();

  constructor(what: keyof Limits, limit: Limit) {
    this.#what = what;
    this.#limit = limit;
  }

  /**
   * Counts one more; returns what counts it off again, once however often it is called.
   * @throws DrydockError `limit.*`
   */
  open({ learner, address }: Asker): () => void {
    const keys = [`learner ${learner}`, ...(address === undefined ? [] : [`address ${address}`])];
    const [had = 0, hadByAddress = 0] = keys.map((key) => this.#counts.get(key) ?? 0);
    refuseBeyond(this.#what, this.#limit, { learner: had, address: hadByAddress });
    for (const key of keys) this.#add(key, 1);
    let isOpen = true;
    return () => {
      if (isOpen) for (const key of keys) this.#add(key, -1);
      isOpen = false;
    };
  }

  #add(key: string, more: number): void {
    const count = (this.#counts.get(key) ?? 0) + more;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}
