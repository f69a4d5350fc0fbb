import { randomInt } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { DIFFERENCES } from "../../engine/differences.ts";
import { freePublishedPort } from "../../free-port.ts";
import { mustExec } from "../exec.ts";
import { rewriteServer } from "../kubeconfig.ts";
import { labelArgs } from "../labels.ts";
import type { Making } from "../making.ts";
import { clusterName, containerName, volumeName } from "../names.ts";
import { addressOf, nodeArgs } from "../node-args.ts";
import { TOPOLOGIES } from "../provider.ts";
import { generateSshKey } from "../ssh-key.ts";
import { delegateCgroups } from "../user-namespace.ts";
import { type Golden, type Particulars, render } from "./golden.ts";

const TIMEOUT_MS = 120_000;

type Files = Record<string, string>;

/**
 * Starts a copy of the golden cluster: fresh nodes from the same image, the golden objects in a new
 * etcd, and authorities, keys, certificates, addresses and tokens of its own, made by kubeadm on
 * its own control plane. Its hosts are prepared as those of any sandbox; `kubeconfigPath` is
 * written. The API server may not answer yet when this resolves; {@link finishClone} waits for it.
 */
export async function startClone(making: Making, golden: Golden, kubeconfigPath: string): Promise<void> {
  const [controlplane, ...workers] = TOPOLOGIES[making.topology] as readonly [string, ...string[]];
  const particulars: Particulars = {
    cluster: clusterName(making.id),
    address: (host) => addressOf(making, host),
    token: newToken(),
    port: await freePublishedPort(),
  };
  const ssh = sshFiles();
  const filesOf = (host: string): Files => {
    const rendered = Object.entries(golden.hosts[host]!.files).map(([path, text]) => [path, render(text, particulars)]);
    return { ...ssh, ...Object.fromEntries(rendered) };
  };
  await Promise.all([controlplane, ...workers].map((host) => runNode(making, golden, host, particulars)));

  const input = Buffer.concat([header(filesOf(controlplane)), golden.etcd]);
  const args = [particulars.address(controlplane), ...workers];
  const made = parseCredentials(await begin(making, controlplane, "begin-controlplane.sh", args, input));
  await writeFile(kubeconfigPath, rewriteServer(made["grader"]!, `127.0.0.1:${particulars.port}`), { mode: 0o600 });
  await Promise.all(
    workers.map((host) => {
      const files = { ...filesOf(host), "/root/.kube/config": made["admin"]!, "/etc/kubernetes/kubelet.conf": made[host]! };
      return begin(making, host, "begin-worker.sh", [], header(files));
    }),
  );
}

/** Waits until the API server answers, and does what `kubeadm init` does then. */
export async function finishClone({ context, containers, signal }: Making): Promise<void> {
  const argv = ["/bin/bash", "-c", await readScript("finish-controlplane.sh")];
  await mustExec(context.engine, containers[0]!, argv, { signal, timeoutMs: TIMEOUT_MS });
}

/** Runs a node as kind did, with a volume, labels, limits and addresses of its own. */
async function runNode(making: Making, golden: Golden, host: string, particulars: Particulars): Promise<void> {
  const { context, labels, image, signal } = making;
  const volume = volumeName(containerName(making.id, making.topology, host)!);
  await context.engine.run(["volume", "create", ...labelArgs("volume", labels), volume], { signal });
  // With docker kind asks for an anonymous volume.
  const kindArgs = golden.hosts[host]!.runArgs.map((arg) => (arg === "/var" ? `${volume}:/var` : render(arg, particulars)));
  const { withoutProxyArgs } = DIFFERENCES[context.engine.name];
  await context.engine.run([...kindArgs, ...withoutProxyArgs, ...nodeArgs(making, host), image], { signal });
  if (making.delegate) {
    await delegateCgroups(context.engine, containerName(making.id, making.topology, host)!, making.delegate, signal);
  }
}

/** Runs one of the scripts of this folder on a host, after the one that all begin with. */
async function begin(making: Making, host: string, script: string, args: string[], input: Buffer): Promise<string> {
  const text = (await readScript("write-files.sh")) + (await readScript(script));
  const argv = ["/bin/bash", "-c", text, script, ...args];
  const { context, signal } = making;
  return mustExec(context.engine, containerName(making.id, making.topology, host)!, argv, {
    input,
    signal,
    timeoutMs: TIMEOUT_MS,
  });
}

function readScript(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, name), "utf8");
}

/** What `write-files.sh` reads first. */
function header(files: Files): Buffer {
  return Buffer.from(JSON.stringify(files) + "\n");
}

/** One key pair for the whole sandbox, so that root of every host enters every other. */
function sshFiles(): Files {
  const { privateText, publicText } = generateSshKey("root@sandbox");
  return {
    "/root/.ssh/id_ed25519": privateText,
    "/root/.ssh/id_ed25519.pub": publicText,
    "/root/.ssh/authorized_keys": publicText,
  };
}

function parseCredentials(printed: string): Files {
  const lines = printed.split("\n").filter(Boolean);
  return z.record(z.string(), z.string()).parse(Object.assign({}, ...lines.map((line) => JSON.parse(line) as object)));
}

/** A bootstrap token as kubeadm forms it: `[a-z0-9]{6}.[a-z0-9]{16}`. */
function newToken(): string {
  const letters = Array.from({ length: 22 }, () => randomInt(36).toString(36)).join("");
  return `${letters.slice(0, 6)}.${letters.slice(6)}`;
}
