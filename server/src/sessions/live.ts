import { Progress } from "../../../labs/src/progress.ts";
import type { Sandbox } from "../../../labs/src/sandbox/provider.ts";
import type { Session } from "../contract.ts";
import type { Asker } from "../limits/limits.ts";
import type { Failure } from "../errors.ts";
import { within } from "../within.ts";

/**
 * What of a session lives only as long as the server: a preparation or a check that is under way.
 */
export class LiveSession {
  /** Who started it; undefined after a restart of the server, which keeps no addresses. */
  asker: Asker | undefined;
  progress = new Progress();
  preparation: { stop: AbortController; done: Promise<void> } | undefined;
  check: AbortController | undefined;
  /**
   * The session's sandbox, once it was seen to be there: asking the engine each time takes as long
   * as a check.
   */
  sandbox: Sandbox | undefined;
  power: Session["power"] = "awake";
  /** The change of power that is under way. */
  changing: Promise<void> | undefined;
  /** When it was last used, by the monotonic clock. */
  usedAtMs = 0;
  /** Why the preparation ended, where not even that could be saved. */
  failure: Failure | undefined;
}

/**
 * How long a preparation that was stopped may take to clean up; one that takes longer goes on doing
 * so by itself.
 */
const CLEAN_UP_MS = 10_000;

/** Live parts by session id; one that nobody asked for yet is empty. */
export class LiveSessions {
  readonly #byId = new Map<string, LiveSession>();

  of(id: string): LiveSession {
    const known = this.#byId.get(id);
    if (known) return known;
    const live = new LiveSession();
    this.#byId.set(id, live);
    return live;
  }

  /**
   * Stops what is under way in a session, and waits until the preparation has cleaned up after
   * itself.
   */
  async halt(id: string): Promise<void> {
    const live = this.#byId.get(id);
    live?.check?.abort();
    live?.preparation?.stop.abort();
    await within(CLEAN_UP_MS, live?.preparation?.done);
  }

  /** What was seen of the engine no longer holds. */
  forgetSandboxes(): void {
    for (const live of this.#byId.values()) live.sandbox = undefined;
  }

  forget(id: string): void {
    this.#byId.delete(id);
  }

  /** Whether anything is under way. */
  get busy(): boolean {
    return [...this.#byId.values()].some((live) => live.preparation ?? live.check);
  }

  /** When any session was last used, by the monotonic clock; -Infinity where none was. */
  get usedAtMs(): number {
    return Math.max(-Infinity, ...[...this.#byId.values()].map((live) => live.usedAtMs));
  }

  /** How many sessions an address has started that have not ended; none for this machine itself. */
  countOf(address: string | undefined): number {
    if (address === undefined) return 0;
    return [...this.#byId.values()].filter((live) => live.asker?.address === address).length;
  }

  ids(): string[] {
    return [...this.#byId.keys()];
  }
}
