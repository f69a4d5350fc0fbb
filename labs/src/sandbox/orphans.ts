import { tryRun } from "../process.ts";
import { clusterName } from "./names.ts";

/**
 * What makes containers, and may outlive the process that started it. Never a container's own
 * monitor (conmon, containerd-shim).
 */
const PROGRAMS = /^(kind|podman|docker|sh|dash|bash)/;

/**
 * The processes in the output of `ps -A -o pid=,comm=,args=` that still work on the sandbox `id`.
 */
export function findOrphans(ps: string, id: string): number[] {
  return ps.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line);
    if (!match || !PROGRAMS.test(match[2]!.replace(/^.*\//, ""))) return [];
    return match[3]!.includes(clusterName(id)) ? [Number(match[1])] : [];
  });
}

/**
 * Kills what still works on a sandbox that is to be removed: kind and the engine commands that it
 * began.
 */
export async function killOrphans(id: string): Promise<void> {
  const ps = await tryRun("ps", ["-A", "-o", "pid=,comm=,args="], { timeoutMs: 10_000 });
  for (const pid of findOrphans(ps.stdout, id)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      continue; // It ended by itself.
    }
  }
}
