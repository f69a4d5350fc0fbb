import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Config, readConfig } from "../../config.ts";
import type { Engine } from "../../engine/engine.ts";
import { ensureEngine } from "../../engine/index.ts";
import { ensureKind, ensureNodeImage } from "../../image/index.ts";
import { Progress } from "../../progress.ts";
import { createKindProvider } from "../index.ts";
import type { Owner, SandboxProvider } from "../provider.ts";

export interface ClusterFixture {
  engine: Engine;
  config: Config;
  /** Makes copies of the golden cluster, once there is one. */
  provider: SandboxProvider;
  /** The same, but it knows of no golden cluster: kind makes each of its sandboxes. */
  kindOnly: SandboxProvider;
  /** Removes every sandbox that was made with it, and its data directory. */
  dispose: () => Promise<void>;
}

const OWNER: Owner = "test";

/**
 * A provider for cluster tests on the machine's real engine and node image (both made when they are
 * not there), with a data directory, and so an installation, of its own. DRYDOCK_NODE_IMAGE names
 * another image.
 * @param dataDir that of another process's fixture; it is then that one's to dispose
 */
export async function clusterFixture(dataDir?: string): Promise<ClusterFixture> {
  const main = readConfig(process.env);
  const progress = new Progress();
  const engine = await ensureEngine(main, progress, { install: true });
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), "drydock-test-")));
  const installation = createHash("sha256").update(folder).digest("hex").slice(0, 8);
  const config = { ...main, dataDir: folder, installation };
  const image = main.nodeImage;
  const parts = {
    engine,
    nodeImage: async () => image ?? (await ensureNodeImage({ config: main, engine, progress })).reference,
    kindPath: () => ensureKind({ config: main, progress }),
  };
  const provider = createKindProvider({ ...parts, config });
  const kindOnly = createKindProvider({ ...parts, config: { ...config, cacheDir: join(folder, "empty") } });
  const dispose = async (): Promise<void> => {
    for (const { id } of await provider.list()) await provider.remove(id);
    await provider.collectGarbage(OWNER);
    await rm(folder, { recursive: true, force: true });
  };
  return { engine, config, provider, kindOnly, dispose };
}
