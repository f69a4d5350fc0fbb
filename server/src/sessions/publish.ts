import type { Session } from "../contract.ts";
import type { SessionRow } from "../store/tables.ts";
import { throttle } from "../throttle.ts";
import type { SessionParts } from "./parts.ts";
import { viewSession } from "./view.ts";

/** Phases change with every line that a script prints; the page needs no more than this. */
const TELL_EVERY_MS = 200;

/** Reads what the page sees of a session, and tells it to the learner's pages. */
export class Publisher {
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  async view(row: SessionRow): Promise<Session> {
    const { store, catalogue, live } = this.#parts;
    const [terminals, best] = await Promise.all([store.terminals.ofSession(row.id), store.attempts.best(row.learner)]);
    return viewSession({
      row,
      live: live.of(row.id),
      terminals,
      best: best.get(row.scenario),
      scenario: catalogue.find(row.scenario),
    });
  }

  /**
   * Tells how the session stands now. A store that can't be read is logged: what happened has
   * happened.
   */
  async publish(id: string): Promise<void> {
    try {
      const row = await this.#parts.store.sessions.find(id);
      if (row) this.#parts.events.publish(row.learner, { type: "session", session: await this.view(row) });
    } catch (error) {
      this.#parts.log.error({ err: error, session: id }, "the state of a session could not be told");
    }
  }

  /** Tells every change of the session's progress, gathered. Returns what ends that. */
  follow(id: string): () => void {
    const tell = throttle(() => void this.publish(id), TELL_EVERY_MS);
    const unsubscribe = this.#parts.live.of(id).progress.subscribe(() => tell.request());
    return () => {
      unsubscribe();
      tell.cancel();
    };
  }
}
