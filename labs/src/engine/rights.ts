import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { userInfo } from "node:os";

/** What decides whether this user may run containers. */
export interface Rights {
  user: string;
  isRoot: boolean;
  /** Docker's socket: whether it is there, and whether this user may use it. */
  dockerSocket: "open" | "closed" | "missing";
}

const DOCKER_SOCKET = "/var/run/docker.sock";

/**
 * Undefined where rights are not a matter of root and a socket: on a desktop's virtual machine, or
 * with a Docker elsewhere.
 */
export async function readRights(env: NodeJS.ProcessEnv): Promise<Rights | undefined> {
  if (process.platform !== "linux" || env["DOCKER_HOST"]) return undefined;
  const { uid, username } = userInfo();
  const dockerSocket = await access(DOCKER_SOCKET, constants.R_OK | constants.W_OK).then(
    () => "open" as const,
    ({ code }: NodeJS.ErrnoException) => (code === "ENOENT" ? "missing" : "closed"),
  );
  return { user: username, isRoot: uid === 0, dockerSocket };
}

/**
 * What this user lacks to run containers, and who can mend it; undefined where nothing is lacking.
 */
export function missingRights({ user, isRoot, dockerSocket }: Rights): { what: string; advice: string } | undefined {
  if (isRoot || dockerSocket === "open") return undefined;
  if (dockerSocket === "closed") {
    return {
      what: `the user ${user} is neither root nor in the group docker, and its socket is closed to all others`,
      advice: `Run this as root (sudo), or add the user to the group, which makes it as good as root: sudo usermod -aG docker ${user}, then log in again`,
    };
  }
  return {
    what: `the user ${user} is not root, and no Docker runs that it could use`,
    advice:
      "Run this as root (sudo): podman is then used, or installed on Debian and Ubuntu; or have Docker installed and started, and the user added to its group",
  };
}
