import { isRunning } from "../process.ts";

/**
 * What a sandbox is leased for that lives only as long as one process: `job <pid> <slug>`. Should
 * that process be killed, the next one removes it.
 */
export function ownJob(slug: string): string {
  return `job ${process.pid} ${slug}`;
}

/** Whether a sandbox is leased for a process that has ended. */
export function isDeadJob(leasedFor: string | undefined): boolean {
  const pid = Number(/^job (\d+) /.exec(leasedFor ?? "")?.[1]);
  return pid > 0 && !isRunning(pid);
}
