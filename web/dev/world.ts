import { randomUUID } from "node:crypto";
import type { Attempt, Phase, Platform, ScenarioDetail, ServerEvent, Session, Terminal } from "@drydock/server/contract";
import { domains, hints, judged, platformPhases, roomPhase, scenarios, sessionPhases, setUpOutput, solution } from "./data.ts";
import { FakeShell } from "./shell.ts";

/**
 * What a test may set: how the machine is, what the next check says, and how the session stands.
 */
export interface Wishes {
  platform?: Platform["state"];
  verdict?: Attempt["verdict"];
  checkMs?: number;
  /** Stay in `preparing` until told otherwise. */
  hold?: boolean;
  /** The place in the queue of one that waits for room. */
  place?: Phase["place"];
  session?: Session["state"];
  power?: Session["power"];
  leaseLeftMs?: number;
  /** Output for every shell. */
  say?: string;
  /**
   * Refuse what begins a session, a stream of events or a terminal with this code, as over a limit.
   */
  refuse?: string;
  /** The tasks that are no longer installed. */
  gone?: string[];
  /**
   * As after a restore of an older database: no session, no attempt, and every connection is new.
   */
  restored?: boolean;
  /** Close every shell's connections with this code. */
  cut?: number;
}

export class NoSuch extends Error {
  readonly code: string = "scenario.unknown";
}

/** What the server will not do. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`Refused: ${code}`);
    this.code = code;
  }
}

/** Everything that one learner sees: each has a world of their own, so that tests do not meet. */
export class World {
  readonly shells = new Map<string, FakeShell>();
  #sessions: Session[] = [];
  #attempts: Attempt[] = [];
  #wishes: Wishes = {};
  /** What ends each stream of events. */
  readonly streams = new Set<() => void>();
  readonly #listeners = new Set<(event: ServerEvent) => void>();
  platform: Platform = {
    state: "ready",
    phases: [],
    startedAt: new Date().toISOString(),
    version: "0.1.0",
    kubernetes: "1.36.1",
    pool: { ready: 2, isRefilling: false, waiting: 0 },
  };

  /** @throws Refused where a test wished so */
  refuse(): void {
    if (this.#wishes.refuse) throw new Refused(this.#wishes.refuse);
  }

  subscribe(listener: (event: ServerEvent) => void): () => void {
    this.#listeners.add(listener);
    listener({ type: "platform", platform: this.platform });
    for (const session of this.#sessions) if (session.state !== "ended") listener({ type: "session", session });
    return () => this.#listeners.delete(listener);
  }

  wish(wishes: Wishes): void {
    this.#wishes = { ...this.#wishes, ...wishes };
    if (wishes.restored) this.#restore();
    for (const shell of this.shells.values()) {
      if (wishes.say) shell.print(wishes.say);
      if (wishes.cut) shell.cut(wishes.cut);
    }
    if (wishes.platform) this.setPlatform(wishes.platform);
    const session = this.#sessions[0];
    if (session && (wishes.power ?? wishes.leaseLeftMs) !== undefined) {
      this.#change(session, { power: wishes.power ?? session.power, leaseLeftMs: wishes.leaseLeftMs ?? session.leaseLeftMs });
    }
    if (wishes.place && session) this.#change(session, { phases: [{ ...roomPhase, place: wishes.place }] });
    if (wishes.session && session) this.#move(session, wishes.session);
    if (wishes.hold === false && session?.state === "preparing") this.#move(session, "ready");
  }

  #restore(): void {
    this.#sessions = [];
    this.#attempts = [];
    for (const shell of this.shells.values()) shell.cut(1012);
    this.shells.clear();
    for (const end of this.streams) end();
  }

  setPlatform(state: Platform["state"]): Platform {
    const phases = state === "ready" ? [] : structuredClone(platformPhases);
    if (state === "failed") Object.assign(phases[1]!, { state: "failed", detail: "no space left on device" });
    this.platform = { ...this.platform, state, phases, error: undefined };
    if (state === "failed") {
      const advice = "Free at least 12 GB in the data directory, then try again: what is built already is kept.";
      this.platform.error = { code: "image.disk-full", message: "The disk is full: Kubernetes could not be built.", advice };
    }
    this.#tell({ type: "platform", platform: this.platform });
    return this.platform;
  }

  catalogue() {
    const summary = (slug: string) => {
      const {
        host: _1,
        hosts: _2,
        task: _3,
        checks: _4,
        hintCount: _5,
        docs: _6,
        previous: _7,
        next: _8,
        ...rest
      } = this.#detail(slug);
      return rest;
    };
    return {
      domains,
      scenarios: scenarios.filter(({ slug }) => !this.#wishes.gone?.includes(slug)).map(({ slug }) => summary(slug)),
    };
  }
  scenario = (slug: string): ScenarioDetail => this.#detail(slug);
  sessions = (): Session[] => this.#sessions;
  attempts = (slug: string): Attempt[] => this.#attempts.filter(({ scenario }) => scenario === slug);

  session(id: string): Session {
    const found = this.#sessions.find((one) => one.id === id);
    if (!found) throw new NoSuch(`There is no session ${id}.`);
    return found;
  }

  start(slug: string): Session {
    this.refuse();
    const { hosts, hintCount } = this.#detail(slug);
    const running = this.#sessions.find((one) => one.scenario === slug && one.state !== "ended");
    if (running) return running;
    const session: Session = {
      ...{ id: randomUUID(), scenario: slug, state: "preparing", phases: sessionPhases, checking: false, hints: [], hintCount },
      ...{ startedAt: new Date().toISOString(), solutionSeen: false, terminals: [], hosts, power: "awake" },
    };
    this.#sessions.unshift(session);
    this.#prepare(session);
    return session;
  }

  end(id: string): void {
    this.#move(this.session(id), "ended");
  }

  reset(id: string): Session {
    const session = this.session(id);
    if (this.#wishes.gone?.includes(session.scenario)) throw new Refused("scenario.gone");
    for (const { id: terminal } of session.terminals) this.shells.delete(terminal);
    Object.assign(session, { state: "preparing", phases: sessionPhases, terminals: [], error: undefined });
    this.#prepare(session);
    return session;
  }

  async check(id: string): Promise<Attempt> {
    const session = this.session(id);
    this.#change(session, { checking: true });
    await new Promise((done) => setTimeout(done, this.#wishes.checkMs ?? 300));
    const scenario = scenarios.find(({ slug }) => slug === session.scenario)!;
    const verdict = this.#wishes.verdict ?? "failed";
    const checks = judged(scenario, verdict);
    const points = checks.reduce((sum, one) => sum + (one.outcome === "passed" ? one.points : 0), 0);
    const attempt: Attempt = {
      ...{ id: randomUUID(), sessionId: id, scenario: session.scenario, verdict, points, maxPoints: scenario.points, checks },
      ...{ startedAt: new Date().toISOString(), durationMs: 700, elapsedMs: Date.now() - Date.parse(session.startedAt) },
      ...{ hintsUsed: session.hints.length, solutionSeen: session.solutionSeen },
    };
    this.#attempts.unshift(attempt);
    this.#change(session, { checking: false, best: { points, solved: verdict === "passed" } });
    this.#tell({ type: "attempt", attempt });
    return attempt;
  }

  extend(id: string): Session {
    return this.#change(this.session(id), { leaseLeftMs: 3_600_000 });
  }

  hint(id: string): Session {
    const session = this.session(id);
    return this.#change(session, { hints: hints.slice(0, session.hints.length + 1) });
  }

  solution(id: string) {
    this.#change(this.session(id), { solutionSeen: true });
    return { solution };
  }

  openTerminal(id: string, host: string): Terminal {
    const session = this.session(id);
    const same = session.terminals.filter((one) => one.host === host).length;
    const terminal = { id: randomUUID(), host, title: same === 0 ? host : `${host} (${same + 1})` };
    this.shells.set(terminal.id, new FakeShell(host));
    this.#change(session, { terminals: [...session.terminals, terminal] });
    return terminal;
  }

  closeTerminal(id: string, terminal: string): void {
    const session = this.session(id);
    this.#change(session, { terminals: session.terminals.filter((one) => one.id !== terminal) });
  }

  #detail(slug: string): ScenarioDetail {
    const at = scenarios.findIndex((one) => one.slug === slug);
    if (at < 0 || this.#wishes.gone?.includes(slug)) throw new NoSuch(`There is no task named “${slug}”.`);
    const attempts = this.attempts(slug);
    const best =
      attempts.length > 0
        ? { points: Math.max(...attempts.map((a) => a.points)), solved: attempts.some((a) => a.verdict === "passed") }
        : undefined;
    const sessionId = this.#sessions.find((one) => one.scenario === slug && one.state !== "ended")?.id;
    return { ...scenarios[at]!, best, sessionId, previous: scenarios[at - 1]?.slug, next: scenarios[at + 1]?.slug };
  }

  #prepare(session: Session): void {
    this.#change(session, {});
    setTimeout(() => {
      if (!this.#wishes.hold && session.state === "preparing") this.#move(session, "ready");
    }, 150);
  }

  #move(session: Session, state: Session["state"]): void {
    const error =
      state === "ended" && session.leaseLeftMs === 0
        ? { code: "lease.over", message: "The time of this session is over.", advice: "Start the task again." }
        : state === "failed"
          ? {
              code: "setup.failed",
              message: "Setting up drain-node01 (setup.sh on controlplane) ended with exit status 1",
              advice: "Reset the sandbox and try again",
              output: setUpOutput,
            }
          : state === "lost"
            ? { code: "sandbox.lost", message: "The container engine no longer has the container of node01." }
            : undefined;
    const done = sessionPhases.map((phase) => ({
      ...phase,
      state: state === "failed" && phase.id === "setup" ? ("failed" as const) : ("done" as const),
    }));
    const freshAt = state === "ready" ? new Date().toISOString() : session.freshAt;
    const readyAt = session.readyAt ?? freshAt;
    this.#change(session, {
      state,
      error,
      readyAt,
      freshAt,
      phases: state === "preparing" ? sessionPhases : done,
      terminals: state === "ready" ? session.terminals : [],
    });
  }

  #change(session: Session, change: Partial<Session>): Session {
    Object.assign(session, change);
    this.#tell({ type: "session", session: { ...session } });
    return session;
  }

  #tell(event: ServerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
