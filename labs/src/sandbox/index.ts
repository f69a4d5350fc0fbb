import { DIFFERENCES } from "../engine/differences.ts";
import type { Engine } from "../engine/engine.ts";
import { DrydockError } from "../errors.ts";
import { Observer } from "../observer/index.ts";
import type { SandboxContext } from "./context.ts";
import { createSandbox } from "./create.ts";
import { listContainers } from "./engine-objects.ts";
import { freezeSandbox, thawSandbox } from "./freeze.ts";
import { collectGarbage } from "./garbage.ts";
import { captureGolden } from "./golden/capture.ts";
import { raiseKernelLimits } from "./kernel-limits.ts";
import { KindSandbox } from "./kind-sandbox.ts";
import type { CreateOptions, Owner, Sandbox, SandboxProvider, SandboxRecord } from "./provider.ts";
import { type FinishedRecord, Records } from "./records.ts";
import { removeSandbox } from "./remove.ts";
import { joinState } from "./state.ts";
import { createWall, type Wall } from "./wall.ts";

export interface KindProviderOptions {
  config: SandboxContext["config"];
  engine: Engine;
  /**
   * Reference of the node image; called before each sandbox is made, may take long the first time.
   */
  nodeImage: () => Promise<string>;
  /** Path of the kind program. */
  kindPath: () => Promise<string>;
  /** Default: one of its own. */
  wall?: Wall;
}

/** The {@link SandboxProvider} of one's own machine: kind on docker or podman. */
export function createKindProvider(options: KindProviderOptions): SandboxProvider {
  const { config, engine } = options;
  let room: Promise<void> | undefined;
  const makeRoom = (image: string): Promise<void> => (room ??= raiseKernelLimits(engine, image, config.installation));
  let cpus: Promise<number> | undefined;
  const engineCpus = (): Promise<number> => (cpus ??= readCpus(engine));
  const observer = new Observer(engine, config, options.nodeImage);
  const wall = options.wall ?? createWall(engine, config.installation);
  return new KindProvider({ ...options, records: new Records(config.dataDir), makeRoom, engineCpus, observer, wall });
}

async function readCpus(engine: Engine): Promise<number> {
  return Number(await engine.run(["info", "--format", DIFFERENCES[engine.name].cpusTemplate])) || 1;
}

class KindProvider implements SandboxProvider {
  readonly #context: SandboxContext;

  constructor(context: SandboxContext) {
    this.#context = context;
  }

  async create(options: CreateOptions): Promise<Sandbox> {
    // A sandbox without an observer can be worked in; a check then says what keeps it from judging.
    const [made] = await Promise.allSettled([createSandbox(this.#context, options), this.#context.observer.start()]);
    if (made.status === "fulfilled") return this.#sandbox(made.value, options.topology);
    await this.#endWatching().catch(() => undefined);
    throw made.reason;
  }

  async prepareCopies(options: Omit<CreateOptions, "leasedFor">): Promise<void> {
    await captureGolden(this.#context, options);
  }

  async list(): Promise<SandboxRecord[]> {
    const { config, engine, records } = this.#context;
    const containers = await listContainers(engine, { installation: config.installation });
    const ids = new Set([...containers.map(({ sandboxId }) => sandboxId), ...(await records.ids())]);
    const joined: SandboxRecord[] = [];
    for (const id of ids) {
      const record = await records.read(id);
      const own = containers.filter(({ sandboxId }) => sandboxId === id);
      if (own.length > 0 || record?.engine === engine.name) joined.push(joinState(id, record, own));
    }
    return joined;
  }

  async open(id: string): Promise<Sandbox> {
    const record = await this.#finished(id);
    const { state } = joinState(id, record, await listContainers(this.#context.engine, { sandboxId: id }));
    if (state === "lost") {
      throw new DrydockError("sandbox.lost", `The sandbox ${id} no longer runs`, { advice: "Start a new sandbox" });
    }
    return this.#sandbox(id, record.topology);
  }

  async lease(id: string, leasedFor: string): Promise<void> {
    await this.#context.records.write({ ...(await this.#finished(id)), state: "leased", leasedFor });
  }

  async isCurrent(id: string): Promise<boolean> {
    const { image, userNamespaces = false } = await this.#finished(id);
    const { config, nodeImage } = this.#context;
    return userNamespaces === (config.userNamespaces ?? false) && image === (await nodeImage());
  }

  async freeze(id: string): Promise<void> {
    const { topology } = await this.#finished(id);
    await this.#context.observer.ask({ ask: "traffic-pause", sandbox: id }).catch(() => undefined);
    await freezeSandbox(this.#context.engine, id, topology, this.#sandbox(id, topology).kubeconfigPath);
  }

  async thaw(id: string): Promise<void> {
    const { topology } = await this.#finished(id);
    await thawSandbox(this.#context.engine, id, topology, this.#sandbox(id, topology).kubeconfigPath);
    await this.#context.observer.ask({ ask: "traffic-resume", sandbox: id }).catch(() => undefined);
  }

  async remove(id: string): Promise<void> {
    await removeSandbox(this.#context, id);
    await this.#endWatching();
  }

  async collectGarbage(owner: Owner): Promise<string[]> {
    return collectGarbage(this.#context, owner);
  }

  /** The observer is there for as long as there is something to see. */
  async #endWatching(): Promise<void> {
    const { config, engine, observer } = this.#context;
    if ((await listContainers(engine, { installation: config.installation })).length === 0) await observer.remove();
  }

  #sandbox(id: string, topology: CreateOptions["topology"]): Sandbox {
    return new KindSandbox(this.#context, id, topology, this.#context.records.folder(id));
  }

  async #finished(id: string): Promise<FinishedRecord> {
    const record = await this.#context.records.read(id);
    if (record?.engine === this.#context.engine.name && (record.state === "ready" || record.state === "leased")) return record;
    throw new DrydockError("sandbox.unknown", `There is no sandbox ${id}`, { advice: "Start a new sandbox" });
  }
}
