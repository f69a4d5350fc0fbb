import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { DIFFERENCES } from "../../labs/src/engine/differences.ts";
import { ensureKind, ensureNodeImage } from "../../labs/src/image/index.ts";
import { run } from "../../labs/src/process.ts";
import { Progress } from "../../labs/src/progress.ts";
import type { BenchContext, Figure } from "./figure.ts";

/**
 * The least that kind needs to make two nodes of the node image; the kubelet's patch is for
 * machines that still have cgroup v1.
 */
const PLAIN = stringify({
  kind: "Cluster",
  apiVersion: "kind.x-k8s.io/v1alpha4",
  kubeadmConfigPatches: [
    stringify({ apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration", failCgroupV1: false }),
  ],
  nodes: [{ role: "control-plane" }, { role: "worker" }],
});

/** Ready, for both: every node Ready, the first pods too, DNS answers. */
const UNTIL_READY = `
export KUBECONFIG=/etc/kubernetes/admin.conf
kubectl wait --for=condition=Ready nodes --all --timeout=120s
kubectl wait --for=condition=Available deployments --all --all-namespaces --timeout=120s
until [ "$(dig +short +time=1 +tries=1 @10.96.0.10 kubernetes.default.svc.cluster.local)" = 10.96.0.1 ]; do :; done`;

/**
 * A finished two-node sandbox against a plain `kind create cluster` of the same image, alternating:
 * the time, and the processor's time of the whole machine meanwhile.
 */
export async function measureCreate({ config, platform, rounds, cleanup, say }: BenchContext): Promise<Figure[]> {
  const { engine, provider } = platform;
  const progress = new Progress();
  const kind = await ensureKind({ config, progress });
  const { reference: image } = await ensureNodeImage({ config, engine, progress });
  const folder = await mkdtemp(join(tmpdir(), "drydock-bench-"));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
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
  cleanup.add(() => engine.tryRun(["network", "rm", name]));
  await provider.prepareCopies({ topology: "two-node", owner: "test" });
  const ours: Cost[] = [];
  const plain: Cost[] = [];
  for (let round = 1; round <= rounds; round++) {
    const removePlain = cleanup.add(() => run(kind, ["delete", "cluster", "--name", name], { env }));
    plain.push(
      await measured(async () => {
        await run(kind, ["create", "cluster", "--name", name, "--image", image, "--config", configPath], { env });
        await engine.run(["exec", `${name}-control-plane`, "/bin/bash", "-c", UNTIL_READY]);
      }),
    );
    await removePlain();
    let remove = async (): Promise<unknown> => undefined;
    ours.push(
      await measured(async () => {
        const making = provider.create({ topology: "two-node", owner: "test" });
        const { made: sandbox, dispose } = await cleanup.own(making, ({ id }) => provider.remove(id));
        remove = dispose;
        await sandbox.exec("controlplane", ["/bin/bash", "-c", UNTIL_READY]);
      }),
    );
    await remove();
    say(`create, round ${round} of ${rounds}: plain kind ${word(plain.at(-1)!)}, sandbox ${word(ours.at(-1)!)}`);
  }
  const figure = (title: string, of: keyof Cost, target: number): Figure => ({
    name: `two-node sandbox, ${title}`,
    unit: "ms",
    values: ours.map((cost) => cost[of]),
    reference: { name: "plain kind create cluster", values: plain.map((cost) => cost[of]) },
    target,
  });
  return [figure("made", "wallMs", 0.5), figure("processor time of making it", "cpuMs", 1 / 3)];
}

/** In milliseconds. */
interface Cost {
  wallMs: number;
  cpuMs: number;
}

async function measured(work: () => Promise<unknown>): Promise<Cost> {
  const [startedAt, busyBefore] = [performance.now(), busyMs()];
  await work();
  return { wallMs: performance.now() - startedAt, cpuMs: busyMs() - busyBefore };
}

/** What all processors have worked so far. */
function busyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

function word({ wallMs, cpuMs }: Cost): string {
  return `${(wallMs / 1000).toFixed(1)} s (${(cpuMs / 1000).toFixed(1)} s of processor)`;
}
