import type { Attempt, ScenarioDetail, Session, Text } from "@drydock/server/contract";
import { SvelteSet } from "svelte/reactivity";
import type { Api } from "../lib/api.ts";
import type { Live } from "./live.svelte.ts";

export type Action = "start" | "check" | "reset" | "end" | "hint" | "solution" | "terminal";

/** One task being looked at or worked on: its text, its session where one runs, and every attempt. */
export class Lab {
  readonly slug: string;
  detail: ScenarioDetail | undefined = $state.raw();
  attempts: Attempt[] = $state.raw([]);
  solution: Text | undefined = $state.raw();
  /** Why the task could not be loaded. */
  error: unknown = $state.raw();
  /** Asked for while the machine was not ready: started when it is. */
  queued = $state(false);
  readonly busy = new SvelteSet<Action>();
  readonly #api: Api;
  readonly #live: Live;
  readonly #report: (error: unknown) => void;

  /** @param report shows what went wrong with an action */
  constructor(slug: string, api: Api, live: Live, report: (error: unknown) => void) {
    this.slug = slug;
    this.#api = api;
    this.#live = live;
    this.#report = report;
  }

  #current = $derived.by(() => this.#live.current(this.slug));
  get session(): Session | undefined {
    return this.#current?.session;
  }
  get sessionAtMs(): number {
    return this.#current?.atMs ?? 0;
  }
  get checking(): boolean {
    return this.busy.has("check") || this.session?.checking === true;
  }
  /** Whether there is a cluster to work on. */
  get ready(): boolean {
    return this.session?.state === "ready";
  }

  /** Loads the task and the attempts; returns what stops following new attempts. */
  open(): () => void {
    const stop = this.#live.onAttempt((attempt) => this.#add(attempt));
    void this.load();
    return stop;
  }

  async load(): Promise<void> {
    try {
      const [detail, attempts] = await Promise.all([this.#api.scenario(this.slug), this.#api.attempts(this.slug)]);
      this.detail = detail;
      for (const attempt of attempts) this.#add(attempt);
      this.error = undefined;
    } catch (error) {
      this.error = error;
    }
  }

  /** Starts a session now, or as soon as the machine is ready (the page calls `startQueued` then). */
  async start(): Promise<void> {
    if (this.session !== undefined) return;
    if (this.#live.platform?.state !== "ready") this.queued = true;
    else await this.#do("start", async () => this.#live.setSession(await this.#api.start(this.slug)));
  }

  async startQueued(): Promise<void> {
    if (!this.queued || this.#live.platform?.state !== "ready") return;
    this.queued = false;
    await this.start();
  }

  check = () => this.#onSession("check", async ({ id }) => this.#add(await this.#api.check(id)));
  reset = () =>
    this.#onSession("reset", async ({ id }) => {
      this.#live.setSession(await this.#api.reset(id));
    });
  end = () =>
    this.#onSession("end", async (session) => {
      await this.#api.end(session.id);
      this.#live.setSession({ ...session, state: "ended" });
    });
  hint = () => this.#onSession("hint", async ({ id }) => this.#live.setSession(await this.#api.hint(id)));
  showSolution = () =>
    this.#onSession("solution", async ({ id }) => {
      this.solution = await this.#api.solution(id);
    });
  closeTerminal = (terminal: string) =>
    this.#onSession("terminal", async (session) => {
      await this.#api.closeTerminal(session.id, terminal);
      this.#live.setSession({ ...session, terminals: session.terminals.filter(({ id }) => id !== terminal) });
    });

  /** Opens a shell on a host; resolves with its terminal's id, or with undefined when that failed. */
  async openTerminal(host: string): Promise<string | undefined> {
    let opened: string | undefined;
    await this.#onSession("terminal", async ({ id }) => {
      const terminal = await this.#api.openTerminal(id, host);
      opened = terminal.id;
      // The event that says the same may have come first, or may be on its way.
      const session = this.session;
      if (session?.id === id && !session.terminals.some((one) => one.id === terminal.id)) {
        this.#live.setSession({ ...session, terminals: [...session.terminals, terminal] });
      }
    });
    return opened;
  }

  async #onSession(action: Action, work: (session: Session) => Promise<unknown>): Promise<void> {
    const session = this.session;
    if (session !== undefined) await this.#do(action, () => work(session));
  }

  /** One action of a kind at a time; what goes wrong is shown, and the page is as it was. */
  async #do(action: Action, work: () => Promise<unknown>): Promise<void> {
    if (this.busy.has(action)) return;
    this.busy.add(action);
    try {
      await work();
    } catch (error) {
      this.#report(error);
    } finally {
      this.busy.delete(action);
    }
  }

  /** Attempts come by answer, by event and by list: each is kept once, newest first. */
  #add(attempt: Attempt): void {
    if (attempt.scenario !== this.slug) return;
    const others = this.attempts.filter(({ id }) => id !== attempt.id);
    this.attempts = [attempt, ...others].sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  }
}
