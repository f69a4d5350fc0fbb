/* eslint-disable svelte/prefer-svelte-reactivity -- the plain sets and maps here are never shown */
import { eventSchema, type Attempt, type Platform, type ServerEvent, type Session } from "@drydock/server/contract";
import { SvelteMap } from "svelte/reactivity";
import { ApiError } from "../lib/api.ts";

/** Opens the stream of events; handed in so that tests can play the server. */
export type OpenEvents = () => EventSource;

const RETRY_MS = 2000;

/**
 * What the server pushes: the machine's preparation and the learner's sessions, always the latest,
 * and attempts as they are made.
 */
export class Live {
  platform: Platform | undefined = $state.raw();
  /** When `platform` arrived: its running phases have gone on since. */
  platformAtMs = $state(0);
  /** By id. `atMs` is when it arrived. */
  readonly sessions = new SvelteMap<string, { session: Session; atMs: number }>();
  connected = $state(true);
  /** Why the server refuses the stream of events, where it does. */
  refusal: unknown = $state.raw();
  readonly #open: OpenEvents;
  readonly #nowMs: () => number;
  readonly #onAttempt = new Set<(attempt: Attempt) => void>();
  readonly #onReconnect = new Set<() => void>();
  readonly #onEnd = new Set<(session: Session) => void>();
  #events = 0;
  /** The number of the last event about a session, by its id, and about the `platform`. */
  readonly #lastEvent = new Map<string, number>();

  readonly #probe: () => Promise<void>;

  /**
   * @param probe asks for the stream of events and throws why it is refused: an EventSource does
   * not say
   */
  constructor(open: OpenEvents, probe: () => Promise<void>, nowMs: () => number) {
    this.#open = open;
    this.#probe = probe;
    this.#nowMs = nowMs;
  }

  /** Connects, and stays connected; returns what ends that. */
  connect(): () => void {
    let source: EventSource | undefined;
    let opened = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    const begin = () => {
      source = this.#open();
      source.onopen = () => {
        this.connected = true;
        this.refusal = undefined;
        if (opened) for (const listener of this.#onReconnect) listener();
        opened = true;
      };
      source.onerror = () => {
        this.connected = false;
        // A browser gives up for good when the answer was no stream at all, as while the server
        // restarts.
        if (source?.readyState === EventSource.CLOSED) void again();
      };
      for (const type of ["platform", "session", "attempt"]) {
        source.addEventListener(type, (event) => this.#take(event as MessageEvent<string>));
      }
    };
    const again = async () => {
      let waitMs = RETRY_MS;
      try {
        await this.#probe();
        this.refusal = undefined;
      } catch (error) {
        this.refusal = error;
        if (error instanceof ApiError && error.retryAfterMs) waitMs = error.retryAfterMs;
      }
      if (!ended) timer = setTimeout(begin, waitMs);
    };
    begin();
    return () => {
      ended = true;
      clearTimeout(timer);
      source?.close();
    };
  }

  /** Calls `listener` with every attempt that is made; returns what ends that. */
  onAttempt(listener: (attempt: Attempt) => void): () => void {
    this.#onAttempt.add(listener);
    return () => this.#onAttempt.delete(listener);
  }

  /**
   * Calls `listener` each time that the connection comes back, when what was missed must be asked
   * for; returns what ends that.
   */
  onReconnect(listener: () => void): () => void {
    this.#onReconnect.add(listener);
    return () => this.#onReconnect.delete(listener);
  }

  /** Calls `listener` with every session that ends; returns what ends that. */
  onEnd(listener: (session: Session) => void): () => void {
    this.#onEnd.add(listener);
    return () => this.#onEnd.delete(listener);
  }

  /**
   * Asks the server for something that events tell about too. Events come in order, answers may
   * come late: what an event said meanwhile holds.
   * @returns the answer, and `take`, which takes in a session or the platform unless an event about
   * it came since the question
   */
  async ask<T>(
    request: () => Promise<T>,
  ): Promise<{ answer: T; take: (news: { session: Session } | { platform: Platform }) => void }> {
    const asked = this.#events;
    const answer = await request();
    const take = (news: { session: Session } | { platform: Platform }) => {
      const about = "session" in news ? news.session.id : "platform";
      if ((this.#lastEvent.get(about) ?? 0) > asked) return;
      if ("session" in news) this.#setSession(news.session);
      else this.#setPlatform(news.platform);
    };
    return { answer, take };
  }

  /**
   * Forgets the sessions that the server no longer knows: `known` are all that it has, asked for
   * when there were `before`.
   */
  forgetOthers(before: readonly string[], known: readonly Session[]): void {
    for (const id of before) if (!known.some((session) => session.id === id)) this.sessions.delete(id);
  }

  #setPlatform(platform: Platform): void {
    this.platform = platform;
    this.platformAtMs = this.#nowMs();
  }

  #setSession(session: Session): void {
    this.sessions.set(session.id, { session, atMs: this.#nowMs() });
  }

  /** The session of a scenario that has not ended, where there is one. */
  current(slug: string): { session: Session; atMs: number } | undefined {
    return [...this.sessions.values()]
      .filter(({ session }) => session.scenario === slug && session.state !== "ended")
      .sort((a, b) => b.session.startedAt.localeCompare(a.session.startedAt))[0];
  }

  #take(message: MessageEvent<string>): void {
    const parsed = eventSchema.safeParse(JSON.parse(message.data));
    if (!parsed.success) return console.error("An event with a shape that this page does not know", parsed.error);
    this.#apply(parsed.data);
  }

  #apply(event: ServerEvent): void {
    this.#events += 1;
    if (event.type === "platform") {
      this.#lastEvent.set("platform", this.#events);
      this.#setPlatform(event.platform);
    } else if (event.type === "session") {
      this.#lastEvent.set(event.session.id, this.#events);
      if (event.session.state === "ended") for (const listener of this.#onEnd) listener(event.session);
      this.#setSession(event.session);
    } else for (const listener of this.#onAttempt) listener(event.attempt);
  }
}
