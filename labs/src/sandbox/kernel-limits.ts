import type { Engine } from "../engine/engine.ts";
import { LABEL, LABEL_INSTALLATION } from "../engine/engine.ts";

/**
 * What the engine's kernel must allow to all sandboxes together. Each node takes some tens of
 * inotify instances, of which Linux gives a user 128 by default: the third or fourth sandbox would
 * hang while it boots (kind's known issue "too many open files").
 */
const LEAST = { "fs/inotify/max_user_instances": 8192, "fs/inotify/max_user_watches": 524_288 };

const RAISE = `
for setting in "$@"; do
  file=/proc/sys/\${setting%=*} least=\${setting#*=}
  [ "$(cat "$file")" -ge "$least" ] || echo "$least" >"$file"
done`;

/**
 * Raises kernel settings that are lower than needed, in a helper container: the engine's kernel may
 * be another one than this program's. They hold until the machine restarts. Where that is not
 * allowed (a rootless engine) sandboxes are tried all the same.
 */
export async function raiseKernelLimits(engine: Engine, image: string, installation: string): Promise<void> {
  const labels = ["--label", `${LABEL}=helper`, "--label", `${LABEL_INSTALLATION}=${installation}`];
  const settings = Object.entries(LEAST).map(([name, least]) => `${name}=${least}`);
  const container = ["run", "--rm", "--privileged", "--network", "none", ...labels, "--entrypoint", "/bin/sh", image];
  await engine.tryRun([...container, "-c", RAISE, "sh", ...settings], { timeoutMs: 30_000 });
}
