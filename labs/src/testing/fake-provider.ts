import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DrydockError } from "../errors.ts";
import { tryRun } from "../process.ts";
import type { CreateOptions, Sandbox, SandboxProvider } from "../sandbox/provider.ts";
import { TOPOLOGIES } from "../sandbox/provider.ts";
import { observeFiles } from "./fake-observe.ts";

/** A kubeconfig that is well formed and leads nowhere. */
export function writeDeadKubeconfig(dir: string): string {
  const path = join(dir, "kubeconfig");
  const none = Buffer.from("none").toString("base64");
  writeFileSync(
    path,
    `clusters: [{ name: a, cluster: { server: "https://127.0.0.1:1", certificate-authority-data: ${none} } }]\ncontexts: [{ name: a, context: { cluster: a } }]\nusers: []\n`,
  );
  return path;
}

export type FakeProvider = Pick<SandboxProvider, "create" | "remove"> & {
  /** Ids of the sandboxes that are there now. */
  alive: Set<string>;
  /** How many were ever made, and how many there were at once at most. */
  made: number;
  most: number;
};

/**
 * A provider for tests without a cluster: a sandbox is an empty folder, and programs are run in it
 * on this machine whatever the host. `broken`: none can be made; `lost`: each is gone as soon as
 * something is run in it.
 */
export function createFakeProvider(kind: "working" | "broken" | "lost" = "working"): FakeProvider {
  const dirs = new Map<string, string>();
  const provider: FakeProvider = {
    alive: new Set(),
    made: 0,
    most: 0,
    async create({ topology, signal }: CreateOptions): Promise<Sandbox> {
      signal?.throwIfAborted();
      if (kind === "broken") throw new DrydockError("engine.none", "No container engine works here");
      const dir = mkdtempSync(join(tmpdir(), "drydock-fake-"));
      const id = `fake${(provider.made += 1)}`;
      dirs.set(id, dir);
      provider.alive.add(id);
      provider.most = Math.max(provider.most, provider.alive.size);
      return fakeSandbox(id, topology, dir, kind === "lost");
    },
    async remove(id) {
      provider.alive.delete(id);
      rmSync(dirs.get(id) ?? "", { recursive: true, force: true });
    },
  };
  return provider;
}

function fakeSandbox(id: string, topology: CreateOptions["topology"], dir: string, lost: boolean): Sandbox {
  const unused = () => Promise.reject(new Error("not part of this fake"));
  return {
    id,
    topology,
    hosts: TOPOLOGIES[topology],
    kubeconfigPath: writeDeadKubeconfig(dir),
    baselinePath: join(dir, "baseline.json"),
    async exec(_host, [file, ...args], { env, input, timeoutMs, signal, maxOutputBytes, excess } = {}) {
      if (lost) throw new DrydockError("sandbox.lost", `The sandbox ${id} no longer runs`);
      // As in a sandbox: the login settings of this machine have no say.
      const running = tryRun(file!, args, {
        cwd: dir,
        env: { HOME: dir, ...env },
        input,
        timeoutMs,
        signal,
        maxOutputBytes,
        excess,
      });
      // As with an engine's exec: who is aborted does not wait for what goes on inside.
      const aborted = new Promise<never>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
      return Promise.race([running, aborted]);
    },
    observe: observeFiles(),
    writeFile: unused,
    readFile: unused,
    shellCommand: () => ({ file: "", args: [], env: {} }),
  };
}
