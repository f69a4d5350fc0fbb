import type { Engine } from "../engine/engine.ts";
import { installInput, mustExec } from "./exec.ts";
import { generateSshKey } from "./ssh-key.ts";

const TIMEOUT_MS = 60_000;
const INSTALL_KEY =
  "umask 077 && mkdir -p /root/.ssh && cd /root/.ssh && cat >id_ed25519 && ssh-keygen -y -f id_ed25519 | tee id_ed25519.pub >authorized_keys";

/**
 * Lets root of every host into every other by ssh: one key pair for the whole sandbox, made anew
 * for each.
 */
export async function letRootIn(engine: Engine, containers: readonly string[], signal?: AbortSignal): Promise<void> {
  const input = generateSshKey("root@sandbox").privateText;
  const argv = ["/bin/sh", "-c", INSTALL_KEY];
  await Promise.all(containers.map((container) => mustExec(engine, container, argv, { input, signal, timeoutMs: TIMEOUT_MS })));
}

/**
 * Puts the administrator's kubeconfig where kubectl looks for it, on every host; on the first it is
 * copied from what kubeadm made.
 */
export async function giveKubectlAccess(engine: Engine, containers: readonly string[], signal?: AbortSignal): Promise<void> {
  const [controlplane, ...others] = containers;
  const options = { signal, timeoutMs: TIMEOUT_MS };
  const copy = "install -D -m 0600 /etc/kubernetes/admin.conf /root/.kube/config && cat /root/.kube/config";
  const input = await mustExec(engine, controlplane!, ["/bin/sh", "-c", copy], options);
  const write = installInput("/root/.kube/config", "0600");
  await Promise.all(others.map((container) => mustExec(engine, container, write, { ...options, input })));
}
