import type { Attempt, ScenarioDetail, Session, Text } from "@drydock/server/contract";
import { SvelteSet } from "svelte/reactivity";
import { ApiError, type Api } from "../lib/api.ts";
import type { Live } from "./live.svelte.ts";

export type Action = "start" | "check" | "reset" | "end" | "extend" | "hint" | "solution" | "terminal";

/**
 * One task being looked at or worked on: its text, its session where one runs, and every attempt.
 */
export class Lab {
  readonly slug: string;
  detail: ScenarioDetail | undefined = $state.raw();
  attempts: Attempt[] = $state.raw([]);
  /** The attempt that was made last while this task was open. */
  made: Attempt | undefined = $state.raw();
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
  /** The latest attempt on the cluster as it is: after a start or a reset nothing is checked. */
  get latest(): Attempt | undefined {
    const latest = this.attempts[0];
    const { id, state, freshAt } = this.session ?? {};
    if (state === "preparing" || latest?.sessionId !== id) return undefined;
    return freshAt !== undefined && latest !== undefined && latest.startedAt < freshAt ? undefined : latest;
  }
  /** The task is not installed any more. What is shown of it was loaded before. */
  get gone(): boolean {
    return this.error instanceof ApiError && this.error.code === "scenario.unknown";
  }
  /** Whether there is a cluster to work on. */
  get ready(): boolean {
    return this.session?.state === "ready";
  }

  /** Loads the task and the attempts; returns what stops following new attempts. */
  open(): () => void {
    const stop = this.#live.onAttempt((attempt) => this.#make(attempt));
    void this.load();
    return stop;
  }

  async load(): Promise<void> {
    try {
      const before = this.attempts;
      const [detail, attempts] = await Promise.all([this.#api.scenario(this.slug), this.#api.attempts(this.slug)]);
      this.detail = detail;
      // What the server does not know any more goes; what was made since it was asked stays.
      this.attempts = this.attempts.filter((attempt) => !before.includes(attempt));
      for (const attempt of attempts) this.#add(attempt);
      this.error = undefined;
    } catch (error) {
      this.error = error;
      // What is shown stays, and is no longer sure to be true.
      if (this.detail && !this.gone) this.#report(error);
    }
  }

  /**
   * Starts a session now, or as soon as the machine is ready (the page calls `startQueued` then).
   */
  async start(): Promise<void> {
    if (this.session !== undefined) return;
    if (this.#live.platform?.state !== "ready") this.queued = true;
    else await this.#do("start", () => this.#ask(() => this.#api.start(this.slug)));
  }

  async startQueued(): Promise<void> {
    if (!this.queued || this.#live.platform?.state !== "ready") return;
    this.queued = false;
    await this.start();
  }

  check = () => this.#onSession("check", async ({ id }) => this.#make(await this.#api.check(id)));
  reset = () => this.#onSession("reset", ({ id }) => this.#ask(() => this.#api.reset(id)));
  extend = () => this.#onSession("extend", ({ id }) => this.#ask(() => this.#api.extend(id)));
  hint = () => this.#onSession("hint", ({ id }) => this.#ask(() => this.#api.hint(id)));
  end = () =>
    this.#onSession("end", async ({ id }) => {
      const { take } = await this.#live.ask(() => this.#api.end(id));
      if (this.session?.id === id) take({ session: { ...this.session, state: "ended" } });
    });
  showSolution = () =>
    this.#onSession("solution", async ({ id }) => {
      this.solution = await this.#api.solution(id);
    });
  closeTerminal = (terminal: string) =>
    this.#onSession("terminal", async ({ id }) => {
      const { take } = await this.#live.ask(() => this.#api.closeTerminal(id, terminal));
      if (this.session?.id !== id) return;
      take({ session: { ...this.session, terminals: this.session.terminals.filter((one) => one.id !== terminal) } });
    });

  /**
   * Opens a shell on a host; resolves with its terminal's id, or with undefined when that failed.
   */
  async openTerminal(host: string): Promise<string | undefined> {
    let opened: string | undefined;
    await this.#onSession("terminal", async ({ id }) => {
      const { answer, take } = await this.#live.ask(() => this.#api.openTerminal(id, host));
      opened = answer.id;
      if (this.session?.id === id) take({ session: { ...this.session, terminals: [...this.session.terminals, answer] } });
    });
    return opened;
  }

  async #ask(request: () => Promise<Session>): Promise<void> {
    const { answer, take } = await this.#live.ask(request);
    take({ session: answer });
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

  #make(attempt: Attempt): void {
    if (attempt.scenario === this.slug) this.made = attempt;
    this.#add(attempt);
  }

  /** Attempts come by answer, by event and by list: each is kept once, newest first. */
  #add(attempt: Attempt): void {
    if (attempt.scenario !== this.slug) return;
    const others = this.attempts.filter(({ id }) => id !== attempt.id);
    this.attempts = [attempt, ...others].sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  }
}
