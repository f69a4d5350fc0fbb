import { DrydockError } from "../../../labs/src/errors.ts";
import type { Progress } from "../../../labs/src/progress.ts";
import type { Sandbox, Topology } from "../../../labs/src/sandbox/provider.ts";
import type { Attempt, Session } from "../contract.ts";
import type { Failure } from "../errors.ts";
import { refuseBeyond, type Asker, type Limits } from "../limits/limits.ts";
import type { SessionRow } from "../store/tables.ts";
import { within } from "../within.ts";
import { checkSession } from "./check.ts";
import { Exclusive } from "./exclusive.ts";
import { scenarioOf, type SessionParts } from "./parts.ts";
import { beginPreparation } from "./prepare.ts";
import { Leases } from "./leases.ts";
import { Power } from "./power.ts";
import { Publisher } from "./publish.ts";
import { takeUp } from "./recover.ts";
import { Watch, type WatchOptions } from "./watch.ts";
import { viewAttempt } from "./view.ts";

export interface SessionsOptions {
  watch: WatchOptions;
  /** Length of a lease; undefined: leases do not end. */
  leaseMs: number | undefined;
  /** How long a session is not used before its sandbox is frozen; undefined: never. */
  idleMs: number | undefined;
  limits: Pick<Limits, "sessions" | "queue">;
}

/**
 * The life of sessions. Whatever takes a learner throws DrydockError `session.unknown` for a
 * session that is not the learner's own.
 */
export class Sessions {
  readonly #parts: SessionParts;
  readonly #publisher: Publisher;
  readonly #watch: Watch;
  readonly #power: Power;
  readonly #leases: Leases;
  readonly #exclusive = new Exclusive();
  readonly #limits: SessionsOptions["limits"];

  constructor(parts: SessionParts, options: SessionsOptions) {
    this.#parts = parts;
    this.#limits = options.limits;
    this.#publisher = new Publisher(parts);
    this.#watch = new Watch(parts, this.#publisher, options.watch);
    this.#power = new Power(parts, this.#publisher, options.idleMs);
    this.#leases = new Leases(parts, this.#publisher, {
      leaseMs: options.leaseMs,
      end: ({ learner, id }) => this.end(learner, id, LEASE_OVER),
    });
  }

  /**
   * The learner's running session of a scenario; begins one where there is none.
   * @throws DrydockError `scenario.unknown`, `limit.*`, `capacity.full`, `platform.failed`
   */
  start(asker: Asker, slug: string): Promise<{ session: Session; began: boolean }> {
    const { learner } = asker;
    return this.#exclusive.run(`starts of ${learner}`, async () => {
      const { store, catalogue, machine, live, now, newId } = this.#parts;
      const scenario = catalogue.get(slug);
      const running = await store.sessions.findRunning(learner, slug);
      if (running) return { session: await this.#publisher.view(running), began: false };
      const row: SessionRow = {
        id: newId(),
        learner,
        scenario: slug,
        topology: scenario.topology,
        state: "preparing",
        sandbox: null,
        started_at: now().toISOString(),
        ready_at: null,
        fresh_at: null,
        ended_at: null,
        hints: 0,
        solution_seen: 0,
        lease_left_ms: this.#leases.fullMs,
        error: null,
      };
      if (machine.state === "failed") await machine.ready();
      const had = await store.sessions.countRunning(learner);
      refuseBeyond("sessions", this.#limits.sessions, { learner: had, address: live.countOf(asker.address) });
      live.of(row.id).asker = asker;
      try {
        if (machine.isOpen) this.#reserve(row);
        await store.sessions.insert(row);
      } catch (error) {
        if (machine.isOpen) this.#parts.sandboxes().release(row.id);
        live.forget(row.id);
        throw error;
      }
      beginPreparation(this.#parts, this.#publisher, row);
      return { session: await this.#publisher.view(row), began: true };
    });
  }

  /**
   * Takes room, or a place in the queue unless there are too many of the same learner, or address,
   * in it.
   */
  #reserve({ id, topology }: SessionRow): void {
    const { live, sandboxes } = this.#parts;
    sandboxes().reserve(id, topology as Topology);
    const { queued } = sandboxes();
    if (!queued.includes(id)) return;
    const { learner, address } = live.of(id).asker!;
    const others = queued.filter((other) => other !== id).map((other) => live.of(other).asker);
    refuseBeyond("queue", this.#limits.queue, {
      learner: others.filter((other) => other?.learner === learner).length,
      address: address === undefined ? 0 : others.filter((other) => other?.address === address).length,
    });
  }

  async list(learner: string): Promise<Session[]> {
    const rows = await this.#parts.store.sessions.ofLearner(learner);
    return Promise.all(rows.map((row) => this.#publisher.view(row)));
  }

  async get(learner: string, id: string): Promise<Session> {
    return this.#publisher.view(await this.own(learner, id));
  }

  /** The learner's session. @throws DrydockError `session.unknown` */
  async own(learner: string, id: string): Promise<SessionRow> {
    const row = await this.#parts.store.sessions.find(id);
    if (row?.learner === learner) return row;
    throw new DrydockError("session.unknown", "There is no such session", { advice: "Start the task again from the list" });
  }

  /**
   * Ends a session and gives its sandbox back. One that has ended already stays so. `why`: what the
   * learner is told where it was not their doing.
   */
  async end(learner: string, id: string, why?: Failure): Promise<void> {
    await this.own(learner, id);
    await this.#exclusive.run(id, async () => {
      const { store, live, now } = this.#parts;
      const row = await this.own(learner, id);
      if (row.state === "ended") return;
      await live.halt(id);
      const sandbox = (await this.own(learner, id)).sandbox;
      await store.sessions.update(id, { state: "ended", ended_at: now().toISOString(), error: why ? JSON.stringify(why) : null });
      await this.#parts.endTerminals(id, { code: "session.ended", message: "The session has ended" });
      this.#giveBack(id, sandbox);
      await this.#publisher.publish(id);
      live.forget(id);
    });
  }

  /**
   * Discards the sandbox and prepares a fresh one.
   * @throws DrydockError `session.ended`, `scenario.gone`: the sandbox stays then
   */
  async reset(learner: string, id: string): Promise<Session> {
    await this.own(learner, id);
    return this.#exclusive.run(id, async () => {
      const { store, live } = this.#parts;
      const before = await this.own(learner, id);
      this.#refuseEnded(before);
      scenarioOf(this.#parts, before);
      await live.halt(id);
      const { sandbox } = await this.own(learner, id);
      const row = await store.sessions.update(id, { state: "preparing", sandbox: null, error: null });
      if (!row) throw new DrydockError("session.ended", "The session has ended");
      await this.#parts.endTerminals(id, { code: "session.reset", message: "The sandbox was reset" });
      live.of(id).sandbox = undefined;
      beginPreparation(this.#parts, this.#publisher, row, sandbox ?? undefined);
      return this.#publisher.view(row);
    });
  }

  #giveBack(session: string, sandbox: string | null): void {
    if (!this.#parts.machine.isOpen) return; // what nobody has is removed when the sandboxes are taken up
    if (sandbox) {
      void this.#parts.sandboxes().discard(sandbox, this.#parts.log.child({ session }));
    }
    this.#parts.sandboxes().release(session);
  }

  /**
   * Judges the sandbox as it is now.
   * @throws DrydockError `session.not-ready`, `session.checking`, `check.failed` …
   */
  async check(learner: string, id: string): Promise<Attempt> {
    const row = await this.own(learner, id);
    if (row.state !== "ready") throw notReady(row);
    const checking = checkSession(this.#parts, row, (session) => this.openSandbox(session));
    void this.#publisher.publish(id);
    try {
      const attempt = await checking;
      this.#parts.events.publish(learner, { type: "attempt", attempt });
      if (attempt.verdict === "error") void this.suspect();
      return attempt;
    } finally {
      void this.#publisher.publish(id);
    }
  }

  /** The session's lease begins anew. @throws DrydockError `session.ended` */
  async extend(learner: string, id: string): Promise<Session> {
    this.#refuseEnded(await this.own(learner, id));
    await this.#parts.store.sessions.update(id, { lease_left_ms: this.#leases.fullMs });
    void this.#publisher.publish(id);
    return this.get(learner, id);
  }

  /** Somebody types in a terminal of the session. */
  use(id: string): void {
    this.#power.use(id);
  }

  /** Takes the time that has passed off all leases; a timer does so too. */
  spendLeases(): Promise<void> {
    return this.#leases.spend();
  }

  /** What is left of every lease, in milliseconds, shortest first. */
  leasesLeftMs(): Promise<number[]> {
    return this.#leases.leftMs();
  }

  /** Reveals one hint more, where there is one. */
  async revealHint(learner: string, id: string): Promise<Session> {
    return this.#exclusive.run(id, async () => {
      const row = await this.own(learner, id);
      this.#refuseEnded(row);
      const most = this.#parts.catalogue.find(row.scenario)?.hints.length ?? 0;
      if (row.hints < most) await this.#parts.store.sessions.update(id, { hints: row.hints + 1 });
      void this.#publisher.publish(id);
      return this.get(learner, id);
    });
  }

  /** The worked solution; it is noted that it was looked at. */
  async showSolution(learner: string, id: string): Promise<{ en: string; ko?: string }> {
    const row = await this.own(learner, id);
    const { solution } = scenarioOf(this.#parts, row);
    if (!row.solution_seen) await this.#parts.store.sessions.update(id, { solution_seen: 1 });
    void this.#publisher.publish(id);
    return solution;
  }

  async attempts(learner: string, slug: string): Promise<Attempt[]> {
    this.#parts.catalogue.get(slug);
    return (await this.#parts.store.attempts.ofScenario(learner, slug)).map(viewAttempt);
  }

  /** Tells the learner's pages how a session stands, after something outside changed it. */
  publish(id: string): Promise<void> {
    return this.#publisher.publish(id);
  }

  /**
   * The sandbox of a session that is ready, awake.
   * @throws DrydockError `session.not-ready`, `sandbox.lost` after the session was marked so
   */
  async openSandbox(id: string): Promise<Sandbox> {
    const { machine, store } = this.#parts;
    const lab = await machine.opened();
    const row = await store.sessions.find(id);
    if (row?.state !== "ready" || !row.sandbox) throw notReady(row);
    await this.#power.wake(id);
    const live = this.#parts.live.of(id);
    try {
      return (live.sandbox ??= await lab.provider.open(row.sandbox));
    } catch (error) {
      void this.suspect();
      throw error;
    }
  }

  /** Looks at once whether all sandboxes are there, because one did not answer. */
  suspect(): Promise<void> {
    this.#parts.live.forgetSandboxes();
    return this.#watch.look();
  }

  /** Whether somebody waits for a sandbox or a check. */
  get busy(): boolean {
    return this.#parts.live.busy;
  }

  /** For how many milliseconds nobody has typed anything or asked for anything. */
  get quietForMs(): number {
    return this.#parts.monotonicMs() - this.#parts.live.usedAtMs;
  }

  /**
   * Takes up what an earlier life of the server left, and goes on watching. Part of preparing the
   * machine.
   */
  async takeUp(progress: Progress): Promise<void> {
    const interrupted = await takeUp(this.#parts, progress);
    for (const row of interrupted) {
      if (!this.#parts.live.of(row.id).preparation) beginPreparation(this.#parts, this.#publisher, row);
    }
    for (const row of await this.#parts.store.sessions.running()) void this.#publisher.publish(row.id);
    await this.#leases.start();
    this.#power.start();
    this.#watch.start();
  }

  /**
   * Stops what is under way and freezes the sandboxes in use, so that the next life finds them as
   * they are. Waits `withinMs` at most for each of the two.
   */
  async stop(withinMs: number): Promise<void> {
    const { live, machine, store, log } = this.#parts;
    this.#watch.stop();
    this.#leases.stop();
    this.#power.stop();
    await within(withinMs, Promise.all(live.ids().map((id) => live.halt(id))));
    if (!machine.isOpen) return;
    const inUse = (await store.sessions.running()).filter((row) => row.state === "ready" && row.sandbox);
    const freezing = inUse.map((row) => this.#power.freeze(row.id));
    if (!(await within(withinMs, Promise.all(freezing)))) log.warn("the engine took too long to freeze the sandboxes");
  }

  #refuseEnded(row: SessionRow): void {
    if (row.state !== "ended") return;
    throw new DrydockError("session.ended", "The session has ended", { advice: "Start the task again from the list" });
  }
}

const LEASE_OVER: Failure = {
  code: "lease.over",
  message: "The time of this session is over, and its cluster was given back",
  advice: "Start the task again; your attempts are kept",
};

const NOT_READY: Record<SessionRow["state"], { message: string; advice: string }> = {
  preparing: { message: "The sandbox is still being prepared", advice: "Wait until it is ready" },
  failed: { message: "The sandbox could not be prepared", advice: "Reset tries again" },
  lost: { message: "The sandbox is gone", advice: "Reset gives you a new one" },
  ended: { message: "The session has ended", advice: "Start the task again from the list" },
  ready: { message: "The sandbox is not there yet", advice: "Try again" },
};

function notReady(row: SessionRow | undefined): DrydockError {
  const { message, advice } = NOT_READY[row?.state ?? "ended"];
  return new DrydockError(row?.state === "lost" ? "sandbox.lost" : "session.not-ready", message, { advice });
}
