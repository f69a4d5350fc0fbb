import type { Engine } from "../engine/engine.ts";
import { DrydockError } from "../errors.ts";
import { execInContainer, mustExec } from "./exec.ts";

const DEADLINE_S = 120;
const KUBECTL = ["/usr/bin/kubectl", "--kubeconfig=/etc/kubernetes/super-admin.conf"];

/**
 * Waits until every node is Ready and the cluster's own Deployments (DNS, storage) are available: what a scenario's setup relies on.
 * @throws DrydockError `sandbox.not-ready` with the state of nodes and pods
 */
export async function waitUntilReady(engine: Engine, controlplane: string, signal?: AbortSignal): Promise<void> {
  const wait = (...args: string[]): Promise<string> =>
    mustExec(engine, controlplane, [...KUBECTL, "wait", `--timeout=${DEADLINE_S}s`, ...args], {
      signal,
      timeoutMs: (DEADLINE_S + 10) * 1000,
    });
  try {
    await Promise.all([
      wait("--for=condition=Ready", "nodes", "--all"),
      wait("--for=condition=Available", "deployments", "--all", "--all-namespaces"),
    ]);
  } catch (cause) {
    if (cause instanceof DrydockError && cause.code === "process.aborted") throw cause;
    const found = await execInContainer(engine, controlplane, [...KUBECTL, "get", "nodes,pods", "-A"], { timeoutMs: 10_000 });
    throw new DrydockError("sandbox.not-ready", `The cluster is not ready after ${DEADLINE_S} s:\n${found.stdout}`, { cause });
  }
}
