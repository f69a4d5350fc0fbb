import type { SessionParts } from "./parts.ts";
import type { Publisher } from "./publish.ts";
import { within } from "../within.ts";

/** How many times in an idle period is looked for what is idle. */
const LOOKS = 10;
/**
 * A thawed sandbox whose API server does not answer soon is the learner's business: some tasks are
 * about just that.
 */
const THAW_MS = 5000;

/** Freezes the sandboxes of sessions that nobody uses, and thaws them when somebody does. */
export class Power {
  readonly #parts: SessionParts;
  readonly #publisher: Publisher;
  readonly #idleMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param idleMs how long a session is not used before its sandbox is frozen; undefined: never */
  constructor(parts: SessionParts, publisher: Publisher, idleMs: number | undefined) {
    this.#parts = parts;
    this.#publisher = publisher;
    this.#idleMs = idleMs;
  }

  start(): void {
    if (this.#idleMs === undefined) return;
    this.#timer ??= setInterval(() => void this.#look(), this.#idleMs / LOOKS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Somebody uses the session: its sandbox goes on, if it does not. */
  use(session: string): void {
    const live = this.#parts.live.of(session);
    live.usedAtMs = this.#parts.monotonicMs();
    if (live.power !== "awake") void this.wake(session).catch(() => undefined);
  }

  /**
   * Waits until a session's sandbox goes on. Never rejects for a sandbox that does not answer:
   * whoever uses it finds out.
   */
  async wake(session: string): Promise<void> {
    const live = this.#parts.live.of(session);
    live.usedAtMs = this.#parts.monotonicMs();
    if (live.power === "freezing") await live.changing;
    if (live.power === "frozen") {
      this.#change(session, "thawing", "awake", (id) => within(THAW_MS, this.#thaw(session, id)));
    }
    await live.changing;
  }

  /** Freezes it now. */
  async freeze(session: string): Promise<void> {
    const live = this.#parts.live.of(session);
    if (live.power === "thawing") await live.changing;
    if (live.power === "awake") {
      this.#change(session, "freezing", "frozen", (id) => this.#parts.sandboxes().provider.freeze(id));
    }
    await live.changing;
  }

  async #thaw(session: string, sandbox: string): Promise<void> {
    await this.#parts
      .sandboxes()
      .provider.thaw(sandbox)
      .catch((error: unknown) => this.#parts.log.warn({ err: error, session, sandbox }, "a thawed sandbox does not answer"));
  }

  #change(
    session: string,
    during: "freezing" | "thawing",
    after: "frozen" | "awake",
    act: (sandbox: string) => Promise<unknown>,
  ): void {
    const { live: all, store, log } = this.#parts;
    const live = all.of(session);
    live.power = during;
    void this.#publisher.publish(session);
    live.changing = (async () => {
      try {
        const sandbox = (await store.sessions.find(session))?.sandbox;
        if (sandbox) await act(sandbox);
        live.power = after;
      } catch (error) {
        log.warn({ err: error, session }, `${during} a sandbox failed`);
        live.power = "awake";
      } finally {
        live.changing = undefined;
        void this.#publisher.publish(session);
      }
    })();
  }

  async #look(): Promise<void> {
    const { store, live, monotonicMs, log } = this.#parts;
    try {
      for (const { id, state, sandbox } of await store.sessions.running()) {
        const { power, check, preparation, usedAtMs } = live.of(id);
        const isUsed = check ?? preparation ?? monotonicMs() - usedAtMs < this.#idleMs!;
        if (state === "ready" && sandbox && power === "awake" && !isUsed) await this.freeze(id);
      }
    } catch (error) {
      log.warn({ err: error }, "idle sandboxes could not be looked for");
    }
  }
}
