import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SandboxContext } from "../context.ts";
import { mustExec } from "../exec.ts";
import { type Making, whileMaking } from "../making.ts";
import { clusterName } from "../names.ts";
import { addressOf } from "../node-args.ts";
import { type CreateOptions, TOPOLOGIES } from "../provider.ts";
import { removeSandbox } from "../remove.ts";
import { readKindRun, runKind } from "../run-kind.ts";
import { waitUntilReady } from "../wait-ready.ts";
import { abstract, ensureGolden, type Golden } from "./golden.ts";

const TIMEOUT_MS = 60_000;
const MAX_SNAPSHOT_BYTES = 256 * 1024 * 1024;
/**
 * With it a node is Ready as soon as its kubelet is; pods are held back all the same until the
 * agent has put their policies in force.
 */
const CNI_FILE = "/etc/cni/net.d/10-drydock.conflist";
/**
 * What kubeadm left on every host, and where it is put on a copy's, whose control plane makes the
 * rest anew. The kubelet's unit starts it as soon as its configuration is there: `write-files.sh`
 * brings that to its place when all else is.
 */
const FILES: Record<string, string> = {
  [CNI_FILE]: CNI_FILE,
  "/var/lib/kubelet/kubeadm-flags.env": "/var/lib/kubelet/kubeadm-flags.env",
  "/var/lib/kubelet/instance-config.yaml": "/var/lib/kubelet/instance-config.yaml",
  "/var/lib/kubelet/config.yaml": "/kind/kubelet-config.yaml",
};
const CONTROLPLANE_FILES: Record<string, string> = { ...FILES, "/kind/kubeadm.conf": "/kind/kubeadm.conf" };

/**
 * Sees to it that there is a golden cluster of the present node image and a topology: made by kind
 * like any other, waited for, emptied of what is its own, kept as a few files, and removed. Takes
 * as long as a sandbox made by kind, the first time.
 */
export async function captureGolden(context: SandboxContext, options: Omit<CreateOptions, "leasedFor">): Promise<void> {
  const { topology, signal } = options;
  const image = await context.nodeImage();
  await ensureGolden(context, { image, topology, signal }, () =>
    whileMaking(context, options, async (making) => {
      await making.progress.phase(
        { id: "golden-cluster", title: "Starting a cluster to copy sandboxes from", estimateMs: 27_000 },
        async (report) => {
          await runKind(making, report);
          await waitUntilReady(context.engine, making.containers[0]!, signal);
        },
      );
      const golden = await making.progress.phase(
        { id: "golden-capture", title: "Keeping what sandboxes are copied from", estimateMs: 5000 },
        () => readGolden(making),
      );
      await removeSandbox(context, making.id);
      return golden;
    }),
  );
}

async function readGolden(making: Making): Promise<Golden> {
  const { context, id, topology, containers, signal } = making;
  const { engine } = context;
  const exec = (container: string, argv: string[]) =>
    mustExec(engine, container, argv, { signal, timeoutMs: TIMEOUT_MS, maxOutputBytes: MAX_SNAPSHOT_BYTES });
  await Promise.all(containers.map((container) => exec(container, ["/usr/bin/systemctl", "stop", "kubelet"])));
  const script = await readFile(join(import.meta.dirname, "capture.sh"), "utf8");
  const etcd = Buffer.from(await exec(containers[0]!, ["/bin/bash", "-c", script]), "base64");

  const hosts = await Promise.all(
    TOPOLOGIES[topology].map(async (host, index) => {
      const container = containers[index]!;
      const paths = Object.entries(index === 0 ? CONTROLPLANE_FILES : FILES);
      const read = async ([from, to]: [string, string]) => [to, await exec(container, ["/bin/cat", from])] as const;
      const files = await Promise.all(paths.map(read));
      return [host, { runArgs: await readKindRun(making, container), files: Object.fromEntries(files) }] as const;
    }),
  );
  const text = JSON.stringify(Object.fromEntries(hosts));
  const particulars = {
    cluster: clusterName(id),
    address: (host: string) => addressOf(making, host),
    token: /\btoken: ([a-z0-9]{6}\.[a-z0-9]{16})/.exec(text)![1]!,
    port: Number(/--publish=[^"]*:(\d+):6443/.exec(text)![1]),
  };
  return { hosts: JSON.parse(abstract(text, topology, particulars)) as Golden["hosts"], etcd };
}
