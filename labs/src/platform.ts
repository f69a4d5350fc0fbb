import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import type { Config } from "./config.ts";
import type { Engine } from "./engine/engine.ts";
import { ensureEngine } from "./engine/index.ts";
import { DrydockError } from "./errors.ts";
import { ensureExtras, ensureKind, ensureNodeImage, PINS } from "./image/index.ts";
import type { Progress } from "./progress.ts";
import { createKindProvider } from "./sandbox/index.ts";
import { type Owner, type SandboxProvider, TOPOLOGIES, type Topology } from "./sandbox/provider.ts";
import { createWall, type WallState } from "./sandbox/wall.ts";

/**
 * What sandboxes are made with on this machine, wired together: engine, kind, node image, provider.
 */
export interface Platform {
  readonly engine: Engine;
  /**
   * Making a sandbox brings kind and the node image first, where they are missing; everything else
   * works without them.
   */
  readonly provider: SandboxProvider;
  /** The version of Kubernetes in the sandboxes: `v1.36.3`. */
  readonly kubernetes: string;
  /**
   * Brings kind and the node image, so that the first sandbox need not wait for them.
   * @throws DrydockError `image.*`
   */
  prepare(): Promise<void>;
  /**
   * Puts up the wall around the sandboxes, as making one does, and says why it cannot be. Needs the
   * node image.
   */
  ensureWall(): Promise<WallState>;
  /**
   * Does what the first sandbox can do without: adds helm to the node image, and keeps golden
   * clusters, of which later sandboxes are quick copies. Call it when nothing waits for the
   * machine.
   * @throws DrydockError `image.*`, `sandbox.*`
   */
  addExtras(owner: Owner): Promise<void>;
}

/**
 * Finds a container engine, or installs one, and opens the platform on it. What takes minutes
 * (kind, the node image) comes with `prepare`.
 * @throws DrydockError `engine.*`, `config.data-dir` where that cannot be written
 */
export async function openPlatform(config: Config, progress: Progress, signal?: AbortSignal): Promise<Platform> {
  await requireDataDir(config);
  const engine = await ensureEngine(config, progress, { install: true });
  signal?.throwIfAborted();
  let kind: string | undefined;
  const kindPath = async (stop = signal) => (kind ??= await ensureKind({ config, progress, signal: stop }));
  // Asked anew for each sandbox: the image with the extras takes the plain one's place as soon as
  // it is there.
  const context = { config, engine, progress };
  const nodeImage = async (stop = signal) => config.nodeImage ?? (await ensureNodeImage({ ...context, signal: stop })).reference;

  const wall = createWall(engine, config.installation);
  const provider = createKindProvider({ config, engine, wall, kindPath: () => kindPath(), nodeImage: () => nodeImage() });

  return {
    engine,
    kubernetes: PINS.kubernetes,
    provider,
    async prepare() {
      const failing = new AbortController();
      const stop = AbortSignal.any([failing.signal, ...(signal ? [signal] : [])]);
      const both = [kindPath(stop), nodeImage(stop)];
      try {
        await Promise.all(both);
      } finally {
        failing.abort();
        await Promise.allSettled(both);
      }
    },
    ensureWall: async () => wall.ensure(await nodeImage()),
    async addExtras(owner) {
      if (!config.nodeImage) await ensureExtras(await ensureNodeImage({ ...context, signal }), { ...context, signal });
      for (const topology of Object.keys(TOPOLOGIES) as Topology[]) {
        await provider.prepareCopies({ topology, owner, progress, signal });
      }
    },
  };
}

/** Without it every step would fail in words of its own. */
async function requireDataDir({ dataDir }: Config): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true });
    await access(dataDir, constants.W_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new DrydockError("config.data-dir", `The data directory ${dataDir} cannot be written (${code})`, {
      cause,
      advice: "Make it writable for this user, or set DRYDOCK_HOME to a folder that is",
    });
  }
}
