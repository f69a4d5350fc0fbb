import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ensureArtifact, hashInputs } from "../../image/artifact.mjs";
import type { SandboxContext } from "../context.ts";
import { TOPOLOGIES, type Topology } from "../provider.ts";

/**
 * What is left of a golden cluster, which kind made and nobody used: enough to bring its like up
 * without kubeadm's initialisation, and nothing that is secret. Texts hold `<placeholders>` for all
 * that differs from one cluster to the next, see {@link render}.
 */
const goldenSchema = z.strictObject({
  hosts: z.record(
    z.string(),
    z.strictObject({
      /** kind's own arguments of the engine's `run` for this node, without the image. */
      runArgs: z.array(z.string()),
      /** Files of its kubeadm and kubelet, by path. */
      files: z.record(z.string(), z.string()),
    }),
  ),
});
type GoldenRecord = z.infer<typeof goldenSchema>;

export interface Golden extends GoldenRecord {
  /**
   * A snapshot of its etcd: every object that kubeadm and kind made, but no pod, lease, event or
   * credential.
   */
  etcd: Buffer;
}

/** The files that decide what a golden cluster is. */
const RECIPE = ["../kind-config.ts", "../engine-shim.sh", "capture.ts", "capture.sh", "golden.ts"];

/**
 * Where the golden cluster of a node image and topology is kept. Its name changes with all that it
 * is made by.
 */
async function goldenPath({ config, engine }: SandboxContext, image: string, topology: Topology): Promise<string> {
  const id = (await engine.run(["image", "inspect", "--format", "{{.Id}}", image])).trim();
  const userNamespaces = config.userNamespaces ? ["user namespaces"] : [];
  const recipe = RECIPE.map((name) => join(import.meta.dirname, name));
  return join(config.cacheDir, `golden-${hashInputs({ texts: [engine.name, id, topology, ...userNamespaces], paths: recipe })}`);
}

/**
 * The golden cluster for an image and a topology; undefined where none was captured yet. One that
 * cannot be read is thrown away, so that another is captured.
 */
export async function findGolden(context: SandboxContext, image: string, topology: Topology): Promise<Golden | undefined> {
  const folder = await goldenPath(context, image, topology);
  const [text, etcd] = await Promise.all([
    readFile(join(folder, "golden.json"), "utf8").catch(() => undefined),
    readFile(join(folder, "etcd.db")).catch(() => undefined),
  ]);
  if (text === undefined || etcd === undefined) return undefined;
  try {
    return { ...goldenSchema.parse(JSON.parse(text)), etcd };
  } catch {
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }
}

/**
 * Keeps what `capture` gives, unless it is here already; another process that is at it is waited
 * for.
 */
export async function ensureGolden(
  context: SandboxContext,
  { image, topology, signal }: { image: string; topology: Topology; signal?: AbortSignal },
  capture: () => Promise<Golden>,
): Promise<void> {
  const save = async (folder: string): Promise<void> => {
    const { etcd, ...record } = await capture();
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "etcd.db"), etcd);
    await writeFile(join(folder, "golden.json"), JSON.stringify(record, undefined, 2) + "\n");
  };
  await ensureArtifact(await goldenPath(context, image, topology), save, { signal });
}

/** What differs between two clusters of a topology. */
export interface Particulars {
  /** Name of the cluster, and the beginning of its containers' names. */
  cluster: string;
  /** Address of a host. */
  address: (host: string) => string;
  /** The bootstrap token of `kubeadm join`. */
  token: string;
  /** Where the API server is published on the engine's machine. */
  port: number;
}

/** Puts placeholders in the place of a cluster's particulars. */
export function abstract(text: string, topology: Topology, { cluster, address, token, port }: Particulars): string {
  const known: [string, string][] = [
    [cluster, "<cluster>"],
    [token, "<token>"],
    [`:${port}:`, ":<port>:"],
    ...TOPOLOGIES[topology].map((host): [string, string] => [address(host), `<address of ${host}>`]),
  ];
  return known.reduce((result, [value, placeholder]) => result.replaceAll(value, placeholder), text);
}

/** Puts a cluster's particulars in the place of the placeholders. */
export function render(text: string, { cluster, address, token, port }: Particulars): string {
  return text
    .replaceAll("<cluster>", cluster)
    .replaceAll("<token>", token)
    .replaceAll(":<port>:", `:${port}:`)
    .replace(/<address of ([a-z0-9]+)>/g, (_, host: string) => address(host));
}
