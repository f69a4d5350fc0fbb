import { readFile } from "node:fs/promises";
import { z } from "zod";
import { tryRun } from "../process.ts";

/** A process that can be told from a later one with the same number. */
export const makerSchema = z.object({ pid: z.number().int().positive(), startedAt: z.string() });
export type Maker = z.infer<typeof makerSchema>;

/** This process. */
export async function thisMaker(): Promise<Maker> {
  return { pid: process.pid, startedAt: (await startOf(process.pid)) ?? "" };
}

/** Whether that very process is still there. */
export async function isAlive(maker: Maker): Promise<boolean> {
  return (await startOf(maker.pid)) === maker.startedAt;
}

/**
 * When a process began: on Linux the boot's id and the ticks since boot (proc_pid_stat(5), field
 * 22), elsewhere what ps(1) says.
 */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
    if (stat === undefined) return undefined;
    // Field 2 is the program's name in parentheses and may hold anything; a zombie (field 3) will
    // do nothing more.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
    return `${boot.trim()} ${fields[19]}`;
  }
  const ps = await tryRun("ps", ["-o", "lstart=", "-p", String(pid)]);
  return ps.exitCode === 0 ? ps.stdout.trim() : undefined;
}
