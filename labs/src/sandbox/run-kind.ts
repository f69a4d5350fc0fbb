import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DrydockError } from "../errors.ts";
import { run } from "../process.ts";
import type { Report } from "../progress.ts";
import { kindConfig } from "./kind-config.ts";
import type { Making } from "./making.ts";
import { clusterName } from "./names.ts";
import { writeShim } from "./shim.ts";

const DEADLINE_MS = 300_000;

/**
 * `kind create cluster`: containers, kubeadm init and join, network and storage add-ons. Does not
 * wait for Ready.
 * @throws DrydockError `sandbox.kind` with the end of what kind said; `process.aborted`
 */
export async function runKind(making: Making, report: Report): Promise<void> {
  const { context, id, image, topology, folder, signal } = making;
  const env = await writeShim({ ...making, engine: context.engine });
  const config = join(folder, "config.yaml");
  await writeFile(config, kindConfig(topology, { userNamespaces: making.delegate !== undefined }));
  // kind insists on writing a kubeconfig.
  const kubeconfig = ["--kubeconfig", join(folder, "kubeconfig")];
  const args = ["create", "cluster", "--name", clusterName(id), "--image", image, "--config", config, ...kubeconfig];
  const onLine = (line: string): void => {
    // " • Starting control-plane 🕹️  ..." → "Starting control-plane"
    const step = /^ [•✓✗] ([\w\s-]+\w)/u.exec(line)?.[1];
    if (step) report(step);
  };
  try {
    await run(await context.kindPath(), args, { env, signal, timeoutMs: DEADLINE_MS, onLine });
  } catch (cause) {
    if (cause instanceof DrydockError && cause.code === "process.aborted") throw cause;
    throw new DrydockError("sandbox.kind", `The cluster could not be made: ${reasonOf(cause)}`, {
      cause,
      advice: "Try again; drydock doctor says what this machine lacks",
    });
  }
}

/**
 * The arguments with which kind ran the engine for a node, without the image, which is last; our
 * own additions are not among them.
 */
export async function readKindRun({ folder }: Making, container: string): Promise<string[]> {
  const lines = (await readFile(join(folder, `${container}.run`), "utf8")).trimEnd().split("\n");
  return lines.slice(0, -1);
}

/** kind says what it does, and at the end why it gave up: "ERROR: failed to create cluster: …". */
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.slice(Math.max(0, text.indexOf("ERROR: "))).replace(/^ERROR: /, "");
}
