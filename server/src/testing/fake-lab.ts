import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "../../../labs/src/checks/outcome.ts";
import { DrydockError } from "../../../labs/src/errors.ts";
import type { CreateOptions, Sandbox, SandboxProvider, SandboxRecord } from "../../../labs/src/sandbox/provider.ts";
import { TOPOLOGIES } from "../../../labs/src/sandbox/provider.ts";
import type { Scenario } from "../../../labs/src/scenarios/schema.ts";
import type { Lab } from "../lab.ts";

/** Where the fake engine keeps what it has. */
export type Records = Pick<Map<string, SandboxRecord>, "get" | "set" | "delete" | "has" | "values" | "keys" | "size">;

/** What the fake engine has: it outlives the server, as a real one does. */
export class FakeEngine {
  readonly records: Records;
  readonly calls: string[] = [];
  readonly newId: () => string;

  constructor(records: Records = new Map(), newId?: () => string) {
    let made = 0;
    this.records = records;
    this.newId = newId ?? (() => `box-${++made}`);
  }
}

/** The makers of sandboxes are told apart by their process, as the real provider does. */
const MAKER = `made by ${process.pid}`;

export interface FakeBehaviour {
  createMs?: number;
  /** Creating does not end until this is taken back. */
  createHeld?: boolean;
  /** Creating never ends by itself. */
  createNever?: boolean;
  createError?: Error;
  setUpError?: Error;
  /** Only the next set-up fails. */
  setUpErrorOnce?: Error;
  grade?: (scenario: Scenario, signal: AbortSignal) => Promise<Report>;
  prepareError?: Error;
  prepareMs?: number;
  freezeError?: Error;
  /** Ids of sandboxes that were made from another node image. */
  outdated?: string[];
  /** The engine is away: whatever is asked of it fails. */
  down?: boolean;
  /** The engine hangs: asked what it has, it does not answer until this is taken back. */
  hangs?: boolean;
  /** How to reach a shell; without it shells can't be reached. */
  shellCommand?: Sandbox["shellCommand"];
}

/** A lab without an engine. `behaviour` may be changed at any time. */
export function createFakeLab(engine: FakeEngine, behaviour: FakeBehaviour): Lab {
  return {
    provider: fakeProvider(engine, behaviour),
    kubernetes: "v1.36.3",
    async prepare() {
      await sleep(behaviour.prepareMs ?? 0);
      if (behaviour.prepareError) throw behaviour.prepareError;
    },
    addExtras: async () => void engine.calls.push("extras"),
    async setUp(sandbox, scenario) {
      engine.calls.push(`setUp ${scenario.slug} ${sandbox.id}`);
      if (behaviour.setUpError) throw behaviour.setUpError;
      if (behaviour.setUpErrorOnce) {
        const error = behaviour.setUpErrorOnce;
        behaviour.setUpErrorOnce = undefined;
        throw error;
      }
    },
    async grade(sandbox, scenario, { signal }) {
      engine.calls.push(`grade ${sandbox.id}`);
      return behaviour.grade ? behaviour.grade(scenario, signal) : fakeReport(scenario, "failed");
    },
  };
}

function fakeProvider(engine: FakeEngine, behaviour: FakeBehaviour): SandboxProvider {
  const { records, calls } = engine;
  const answer = async () => {
    if (behaviour.down) throw new DrydockError("engine.silent", "The engine does not answer");
  };
  const sandbox = (record: SandboxRecord): Sandbox => ({
    id: record.id,
    topology: record.topology,
    hosts: TOPOLOGIES[record.topology],
    kubeconfigPath: "/nowhere",
    baselinePath: "/nowhere",
    exec: () => Promise.reject(new Error("not in this fake")),
    observe: () => Promise.reject(new Error("not in this fake")),
    writeFile: () => Promise.reject(new Error("not in this fake")),
    readFile: () => Promise.reject(new Error("not in this fake")),
    shellCommand: behaviour.shellCommand ?? (() => ({ file: "/bin/false", args: [], env: {} })),
  });
  const set = (id: string, patch: Partial<SandboxRecord>) => {
    const record = records.get(id);
    if (!record) throw new DrydockError("sandbox.unknown", `There is no sandbox ${id}`);
    records.set(id, { ...record, ...patch });
  };
  return {
    async create({ topology, owner, leasedFor, signal, progress }: CreateOptions) {
      const id = engine.newId();
      calls.push(`create ${id}`);
      const work = async () => {
        if (behaviour.createNever) await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(aborted())));
        while (behaviour.createHeld && !signal?.aborted) await sleep(10);
        await sleep(behaviour.createMs ?? 0, undefined, { signal }).catch(() => Promise.reject(aborted()));
        if (behaviour.createError) throw behaviour.createError;
      };
      await answer();
      records.set(id, { id, topology, owner, state: "creating", frozen: false, createdAt: MAKER });
      try {
        await (progress ? progress.phase({ id: "nodes", title: "Starting the nodes", estimateMs: 20_000 }, work) : work());
      } catch (error) {
        records.delete(id);
        throw error;
      }
      const state = leasedFor ? "leased" : "ready";
      records.set(id, { id, topology, owner, state, frozen: false, createdAt: new Date().toISOString(), leasedFor });
      return sandbox(records.get(id)!);
    },
    async list() {
      await answer();
      while (behaviour.hangs) await sleep(10);
      return [...records.values()];
    },
    async open(id) {
      await answer();
      const record = records.get(id);
      if (!record) throw new DrydockError("sandbox.unknown", `There is no sandbox ${id}`);
      if (record.state === "lost") throw new DrydockError("sandbox.lost", `The sandbox ${id} no longer runs`);
      return sandbox(record);
    },
    lease: async (id, leasedFor) => (await answer(), set(id, { state: "leased", leasedFor })),
    async freeze(id) {
      await answer();
      calls.push(`freeze ${id}`);
      await sleep(10);
      if (behaviour.freezeError) throw behaviour.freezeError;
      set(id, { frozen: true });
    },
    async thaw(id) {
      await answer();
      calls.push(`thaw ${id}`);
      await sleep(10);
      set(id, { frozen: false });
    },
    async remove(id) {
      await answer();
      calls.push(`remove ${id}`);
      records.delete(id);
    },
    prepareCopies: async () => undefined,
    isCurrent: async (id) => !behaviour.outdated?.includes(id),
    async collectGarbage() {
      await answer();
      const garbage = [...records.values()]
        .filter((one) => one.state === "creating" && one.createdAt !== MAKER)
        .map((one) => one.id);
      for (const id of garbage) records.delete(id);
      return garbage;
    },
  };
}

function aborted(): DrydockError {
  return new DrydockError("process.aborted", "kind was stopped");
}

/** A report in which every check has this outcome. */
export function fakeReport(scenario: Scenario, outcome: "passed" | "failed" | "error"): Report {
  return {
    scenario: scenario.slug,
    verdict: outcome,
    points: outcome === "passed" ? scenario.points : 0,
    maxPoints: scenario.points,
    checks: scenario.checks.map(({ id, title, points }) => ({ id, title, points, outcome, durationMs: 1 })),
    startedAt: new Date().toISOString(),
    durationMs: 5,
  };
}

/** A scenario that exists only here. */
export function fakeScenario(slug: string, change: Partial<Scenario> = {}): Scenario {
  return {
    slug,
    dir: "/nowhere",
    title: { en: `Title of ${slug}` },
    domain: "workloads",
    difficulty: "easy",
    minutes: 5,
    topology: "two-node",
    host: "controlplane",
    points: 3,
    checks: [
      { id: "first", points: 2, title: { en: "The first thing holds" } },
      { id: "second", points: 1, title: { en: "The second thing holds" } },
    ],
    baseline: { files: [], objects: [] },
    traffic: [],
    hints: [{ en: "hint one" }, { en: "hint two" }],
    docs: [],
    tags: [],
    task: { en: `Task of ${slug}`, ko: `${slug} 과제` },
    solution: { en: "SECRET-SOLUTION" },
    setups: {},
    checkPath: "/nowhere/check.ts",
    alternatives: [],
    nearMisses: [],
    ...change,
  };
}
