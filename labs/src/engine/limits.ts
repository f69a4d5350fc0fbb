import { readFile } from "node:fs/promises";

/** A hard limit of this process; -1 is unlimited, as container engines write it. */
export interface HardLimits {
  nofile: number;
  nproc: number;
}

/**
 * Reads the hard limits out of the text of /proc/self/limits (proc_pid_limits(5)); a line that is
 * missing counts as unlimited.
 */
export function parseHardLimits(text: string): HardLimits {
  const hard = (title: string): number => {
    const line = text.split("\n").find((one) => one.startsWith(title));
    const value = line?.slice(title.length).trim().split(/\s+/)[1];
    return value === undefined || value === "unlimited" ? -1 : Number(value);
  };
  return { nofile: hard("Max open files"), nproc: hard("Max processes") };
}

/**
 * The hard limits that a container of podman may be given; unlimited where there is no /proc.
 * podman lowers its own limit of processes to kernel.pid_max before it starts anything, so that
 * more than this cannot be asked for either (seen with podman 4.3.1).
 */
export async function readHardLimits(): Promise<HardLimits> {
  const limits = parseHardLimits(await readFile("/proc/self/limits", "utf8").catch(() => ""));
  const pidMax = Number(await readFile("/proc/sys/kernel/pid_max", "utf8").catch(() => "")) || limits.nproc;
  return { ...limits, nproc: limits.nproc === -1 ? pidMax : Math.min(limits.nproc, pidMax) };
}
