import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const START_MS = 60_000;

/**
 * A server that runs in a process of its own, so that it and its clients do not wait for each
 * other's turn.
 */
export interface Child {
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Starts a server; resolves when it listens on that port of loopback. What it says on standard
 * error is shown.
 */
export async function startChild(file: string, args: readonly string[], port: number): Promise<Child> {
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  for (const deadline = Date.now() + START_MS; !(await listens(port)); await sleep(50)) {
    if (child.exitCode !== null) throw new Error(`${file} ${args[0]} ended with ${child.exitCode}`);
    if (Date.now() < deadline) continue;
    await stop();
    throw new Error(`${file} ${args[0]} does not listen`);
  }
  return { pid: child.pid!, stop };
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return once(socket, "connect")
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}

/** The parent of each process that runs now, by process id. */
export function parents(): Map<number, number> {
  const pids = readdirSync("/proc").map(Number).filter(Boolean);
  return new Map(pids.map((pid) => [pid, Number(readStatus(pid, /^PPid:\s+(\d+)/m))]));
}

/** Memory that these processes have in use now; one that has ended has none. */
export function residentBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + Number(readStatus(pid, /^VmRSS:\s+(\d+)/m)) * 1024, 0);
}

function readStatus(pid: number, pattern: RegExp): string {
  try {
    return pattern.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  } catch {
    return "0";
  }
}
