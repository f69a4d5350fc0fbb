/* eslint-disable svelte/prefer-svelte-reactivity -- the plain sets here hold listeners and are never shown */
import { eventSchema, type Attempt, type Platform, type ServerEvent, type Session } from "@drydock/server/contract";
import { SvelteMap } from "svelte/reactivity";

/** Opens the stream of events; handed in so that tests can play the server. */
export type OpenEvents = () => EventSource;

const RETRY_MS = 2000;

/** What the server pushes: the machine's preparation and the learner's sessions, always the latest, and attempts as they are made. */
export class Live {
  platform: Platform | undefined = $state.raw();
  /** When `platform` arrived: its running phases have gone on since. */
  platformAtMs = $state(0);
  /** By id. `atMs` is when it arrived. */
  readonly sessions = new SvelteMap<string, { session: Session; atMs: number }>();
  connected = $state(true);
  readonly #open: OpenEvents;
  readonly #nowMs: () => number;
  readonly #onAttempt = new Set<(attempt: Attempt) => void>();
  readonly #onConnect = new Set<() => void>();

  constructor(open: OpenEvents, nowMs: () => number) {
    this.#open = open;
    this.#nowMs = nowMs;
  }

  /** Connects, and stays connected; returns what ends that. */
  connect(): () => void {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const begin = () => {
      source = this.#open();
      source.onopen = () => {
        this.connected = true;
        for (const listener of this.#onConnect) listener();
      };
      source.onerror = () => {
        this.connected = false;
        // A browser gives up for good when the answer was no stream at all, as while the server restarts.
        if (source?.readyState === EventSource.CLOSED) timer = setTimeout(begin, RETRY_MS);
      };
      for (const type of ["platform", "session", "attempt"]) {
        source.addEventListener(type, (event) => this.#take(event as MessageEvent<string>));
      }
    };
    begin();
    return () => {
      clearTimeout(timer);
      source?.close();
    };
  }

  /** Calls `listener` with every attempt that is made; returns what ends that. */
  onAttempt(listener: (attempt: Attempt) => void): () => void {
    this.#onAttempt.add(listener);
    return () => this.#onAttempt.delete(listener);
  }

  /** Calls `listener` at each connection, when what was missed must be asked for; returns what ends that. */
  onConnect(listener: () => void): () => void {
    this.#onConnect.add(listener);
    return () => this.#onConnect.delete(listener);
  }

  /** All of the learner's sessions, as the server lists them. */
  setSessions(sessions: readonly Session[]): void {
    const ids = new Set(sessions.map(({ id }) => id));
    for (const id of this.sessions.keys()) if (!ids.has(id)) this.sessions.delete(id);
    for (const session of sessions) this.setSession(session);
  }

  setPlatform(platform: Platform): void {
    this.platform = platform;
    this.platformAtMs = this.#nowMs();
  }

  setSession(session: Session): void {
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
    if (event.type === "platform") this.setPlatform(event.platform);
    else if (event.type === "session") this.setSession(event.session);
    else for (const listener of this.#onAttempt) listener(event.attempt);
  }
}
