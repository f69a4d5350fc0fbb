import type { Engine } from "../engine/engine.ts";
import { DrydockError } from "../errors.ts";
import { execInContainer, mustExec } from "./exec.ts";

const DEADLINE_S = 120;
const WAIT = `
export KUBECONFIG=/etc/kubernetes/super-admin.conf
kubectl wait "$1" --for=condition=Ready nodes --all &
nodes=$!
kubectl wait "$1" --for=condition=Available deployments --all --all-namespaces && wait $nodes`;
const KUBECTL = ["/usr/bin/kubectl", "--kubeconfig=/etc/kubernetes/super-admin.conf"];

/**
 * Waits until every node is Ready and the cluster's own Deployments (DNS, storage) are available:
 * what a scenario's setup relies on.
 * @throws DrydockError `sandbox.not-ready` with the state of nodes and pods
 */
export async function waitUntilReady(engine: Engine, controlplane: string, signal?: AbortSignal): Promise<void> {
  try {
    const argv = ["/bin/bash", "-c", WAIT, "wait", `--timeout=${DEADLINE_S}s`];
    await mustExec(engine, controlplane, argv, { signal, timeoutMs: (DEADLINE_S + 10) * 1000 });
  } catch (cause) {
    if (cause instanceof DrydockError && cause.code === "process.aborted") throw cause;
    const found = await execInContainer(engine, controlplane, [...KUBECTL, "get", "nodes,pods", "-A"], { timeoutMs: 10_000 });
    throw new DrydockError("sandbox.not-ready", `The cluster is not ready after ${DEADLINE_S} s:\n${found.stdout}`, { cause });
  }
}
