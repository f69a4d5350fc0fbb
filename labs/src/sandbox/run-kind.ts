import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DrydockError } from "../errors.ts";
import { run } from "../process.ts";
import type { Report } from "../progress.ts";
import { kindConfig } from "./kind-config.ts";
import { clusterName } from "./names.ts";
import type { Topology } from "./provider.ts";

const DEADLINE_MS = 300_000;

export interface KindRun {
  kindPath: string;
  image: string;
  id: string;
  topology: Topology;
  /** For kind's configuration and the kubeconfig that it insists on writing. */
  folder: string;
  /** From {@link writeShim}. */
  env: Record<string, string>;
  signal?: AbortSignal;
}

/**
 * `kind create cluster`: containers, kubeadm init and join, network and storage add-ons. Does not wait for Ready.
 * @throws DrydockError `sandbox.kind` with the end of what kind said; `process.aborted`
 */
export async function runKind(spec: KindRun, report: Report): Promise<void> {
  const config = join(spec.folder, "config.yaml");
  await writeFile(config, kindConfig(spec.topology));
  const kubeconfig = ["--kubeconfig", join(spec.folder, "kubeconfig")];
  const args = ["create", "cluster", "--name", clusterName(spec.id), "--image", spec.image, "--config", config, ...kubeconfig];
  const onLine = (line: string): void => {
    // " • Starting control-plane 🕹️  ..." → "Starting control-plane"
    const step = /^ [•✓✗] ([\w\s-]+\w)/u.exec(line)?.[1];
    if (step) report(step);
  };
  try {
    await run(spec.kindPath, args, { env: spec.env, signal: spec.signal, timeoutMs: DEADLINE_MS, onLine });
  } catch (cause) {
    if (cause instanceof DrydockError && cause.code === "process.aborted") throw cause;
    throw new DrydockError("sandbox.kind", `The cluster could not be made: ${reasonOf(cause)}`, {
      cause,
      advice: "Try again; drydock doctor says what this machine lacks",
    });
  }
}

/** kind says what it does, and at the end why it gave up: "ERROR: failed to create cluster: …". */
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.slice(Math.max(0, text.indexOf("ERROR: "))).replace(/^ERROR: /, "");
}
