import { setTimeout as sleep } from "node:timers/promises";
import { createTransport } from "../checks/kube/transport.ts";
import { readClusterAccess } from "../checks/kubeconfig.ts";
import type { Sandbox } from "../sandbox/provider.ts";

/** What must be known of a sandbox to say why checks could not be judged in it. */
export type ExaminedSandbox = Pick<Sandbox, "exec" | "hosts" | "kubeconfigPath">;

/** How a sandbox does, looked at from outside. */
export type Health =
  | { state: "answers" }
  /** Its hosts are there, its API server is not. */
  | { state: "api-silent"; reason: string }
  | { state: "host-gone"; reason: string };

export interface SecondLook {
  examine(sandbox: ExaminedSandbox, signal?: AbortSignal): Promise<Health>;
  /**
   * Restarts the control plane, and answers how the sandbox does when its API server answers again,
   * or the time is up.
   */
  restart(sandbox: ExaminedSandbox, signal?: AbortSignal): Promise<Health>;
}

const HOST_TIMEOUT_MS = 15_000;
const API_TIMEOUT_MS = 5000;
const RESTART_TIMEOUT_MS = 60_000;
const RETURN_TIMEOUT_MS = 90_000;
const PAUSE_MS = 1000;

/**
 * Restarts what of the control plane still runs, and no more: a kubelet that the submission has
 * stopped, or a manifest that it took away, stays so. On anything but a node it does nothing.
 */
const RESTART = `
[ -e /kind/version ] || exit 0
systemctl try-restart containerd kubelet
for name in etcd kube-apiserver; do crictl ps -q --name "$name" | xargs -r crictl stop; done`;

export const secondLook: SecondLook = {
  async examine(sandbox, signal) {
    for (const host of sandbox.hosts) {
      const silent = await sandbox.exec(host, ["/bin/true"], { timeoutMs: HOST_TIMEOUT_MS, signal }).then(
        ({ exitCode, timedOut }) =>
          timedOut ? `does not answer in ${HOST_TIMEOUT_MS / 1000} s` : exitCode === 0 ? undefined : "can run no program",
        () => "no longer runs",
      );
      signal?.throwIfAborted();
      if (silent) return { state: "host-gone", reason: `the host ${host} ${silent}` };
    }
    const api = createTransport(await readClusterAccess(sandbox.kubeconfigPath));
    try {
      await api.call("GET", "/readyz", { timeoutMs: API_TIMEOUT_MS });
      return { state: "answers" };
    } catch {
      return { state: "api-silent", reason: "the API server does not answer" };
    } finally {
      api.close();
    }
  },

  async restart(sandbox, signal) {
    const options = { timeoutMs: RESTART_TIMEOUT_MS, signal, excess: "cut" } as const;
    await sandbox.exec(sandbox.hosts[0]!, ["/bin/bash", "-c", RESTART], options).catch(() => undefined);
    const deadline = Date.now() + RETURN_TIMEOUT_MS;
    for (;;) {
      signal?.throwIfAborted();
      const health = await secondLook.examine(sandbox, signal);
      if (health.state !== "api-silent" || Date.now() > deadline) return health;
      await sleep(PAUSE_MS, undefined, { signal });
    }
  },
};
