import type { Engine } from "../engine/engine.ts";
import { LABEL, LABEL_INSTALLATION } from "../engine/engine.ts";
import { DrydockError } from "../errors.ts";
import type { Subnet } from "./subnets.ts";

/**
 * Users of the machine that the users of a sandbox are. Above what distributions give to people and
 * services, below what podman gives by itself (subuid(5)).
 */
const FIRST_ID = 0x7000_0000;
const IDS_PER_SANDBOX = 65_536;

/**
 * What the node starts with in place of its own entry point: where the engine does not give the
 * groups of cgroup v1 to the container's root (none does), systemd cannot start before {@link
 * delegateCgroups} has. On v2 they are its own from the beginning.
 */
const AWAIT_CGROUPS = `
for try in $(seq 600); do
  missing=
  for folder in /sys/fs/cgroup /sys/fs/cgroup/*; do
    [ ! -e $folder/cgroup.procs ] || [ -O $folder ] || missing=$folder
  done
  [ -n "$missing" ] || exec /usr/local/bin/entrypoint /sbin/init
  sleep 0.1
done
echo "$missing is not ours"
exit 1`;

/**
 * Gives the cgroups of the process $1 to the root of its user namespace: to have groups below,
 * never to change limits.
 */
const DELEGATE = `
owner=$(awk 'NR == 1 { print $2 }' "/proc/$1/uid_map")
while IFS=: read -r _ hierarchy path; do
  folder=/machine/\${hierarchy#name=}$path
  for file in "$folder" "$folder/tasks" "$folder/cgroup.procs" "$folder/cgroup.threads" "$folder/cgroup.subtree_control" "$folder/cgroup.clone_children"; do
    [ ! -e "$file" ] || chown "$owner:$owner" "$file"
  done
done <"/proc/$1/cgroup"`;

/**
 * The options of `run` by which a node's root is a user of the machine without any rights, another
 * one in each sandbox.
 */
export function userNamespaceArgs({ index }: Subnet): string[] {
  const map = `0:${FIRST_ID + index * IDS_PER_SANDBOX}:${IDS_PER_SANDBOX}`;
  return [`--uidmap=${map}`, `--gidmap=${map}`, `--entrypoint=${JSON.stringify(["/bin/bash", "-c", AWAIT_CGROUPS])}`];
}

/**
 * Arguments for the engine that lack only the process id of a node: they delegate its cgroups from
 * a helper container.
 */
export function delegateArgs(image: string, installation: string): string[] {
  const labels = ["--label", `${LABEL}=helper`, "--label", `${LABEL_INSTALLATION}=${installation}`];
  const namespaces = ["--network", "none", "--pid", "host", "--cgroupns", "host", "-v", "/sys/fs/cgroup:/machine"];
  // The script as base64, so that each argument is one line of a file.
  const program = ["--entrypoint", "/bin/bash", image, "-c", 'base64 -d <<<"$1" | bash -s "$2"', "bash"];
  const script = Buffer.from(DELEGATE).toString("base64");
  return ["run", "--rm", "--privileged", ...namespaces, ...labels, ...program, script];
}

/** Gives a node that was just started its cgroups; it waits for them. */
export async function delegateCgroups(
  engine: Engine,
  container: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const pid = (await engine.run(["container", "inspect", "--format", "{{.State.Pid}}", container], { signal })).trim();
  await engine.run([...args, pid], { signal });
}

/**
 * @throws DrydockError `sandbox.user-namespaces` where the engine has none for single containers
 */
export function requireUserNamespaces(engine: Engine): void {
  if (engine.name === "podman") return;
  throw new DrydockError("sandbox.user-namespaces", `${engine.name} gives no user namespace to a privileged container`, {
    advice: "Set DRYDOCK_ENGINE=podman, or unset DRYDOCK_USER_NAMESPACES",
  });
}
