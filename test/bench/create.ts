import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { DIFFERENCES } from "../../labs/src/engine/differences.ts";
import { ensureKind, ensureNodeImage } from "../../labs/src/image/index.ts";
import { run } from "../../labs/src/process.ts";
import { Progress } from "../../labs/src/progress.ts";
import type { BenchContext, Figure } from "./figure.ts";

/** The least that kind needs to make two nodes of the node image; the kubelet's patch is for machines that still have cgroup v1. */
const PLAIN = stringify({
  kind: "Cluster",
  apiVersion: "kind.x-k8s.io/v1alpha4",
  kubeadmConfigPatches: [
    stringify({ apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration", failCgroupV1: false }),
  ],
  nodes: [{ role: "control-plane" }, { role: "worker" }],
});

/** A finished two-node sandbox against a plain `kind create cluster --wait` of the same image, alternating. */
export async function measureCreate({ config, platform, rounds, say }: BenchContext): Promise<Figure[]> {
  const { engine, provider } = platform;
  const progress = new Progress();
  const kind = await ensureKind({ config, progress });
  const { reference: image } = await ensureNodeImage({ config, engine, progress });
  const folder = await mkdtemp(join(tmpdir(), "drydock-bench-"));
  const configPath = join(folder, "kind.yaml");
  await writeFile(configPath, PLAIN);
  const name = `drydock-bench-${process.pid}`;
  const { kindProvider, kindNetworkVariable } = DIFFERENCES[engine.name];
  const env = {
    ...engine.env,
    KIND_EXPERIMENTAL_PROVIDER: kindProvider,
    [kindNetworkVariable]: name,
    KUBECONFIG: join(folder, "kubeconfig"),
  };
  await provider.prepareCopies({ topology: "two-node", owner: "test" });
  const timed = async (work: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await work();
    return performance.now() - startedAt;
  };

  const ours: number[] = [];
  const plain: number[] = [];
  try {
    for (let round = 1; round <= rounds; round++) {
      try {
        plain.push(
          await timed(() =>
            run(kind, ["create", "cluster", "--name", name, "--image", image, "--config", configPath, "--wait", "120s"], { env }),
          ),
        );
      } finally {
        await run(kind, ["delete", "cluster", "--name", name], { env });
      }
      let id = "";
      ours.push(await timed(async () => ({ id } = await provider.create({ topology: "two-node", owner: "test" }))));
      await provider.remove(id);
      say(
        `create, round ${round} of ${rounds}: plain kind ${(plain.at(-1)! / 1000).toFixed(1)} s, sandbox ${(ours.at(-1)! / 1000).toFixed(1)} s`,
      );
    }
  } finally {
    await engine.tryRun(["network", "rm", name]);
    await rm(folder, { recursive: true, force: true });
  }
  return [
    {
      name: "two-node sandbox, created",
      unit: "ms",
      values: ours,
      reference: { name: "plain kind create cluster", values: plain },
      target: 1.3,
    },
  ];
}
