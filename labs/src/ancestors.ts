import { readFileSync } from "node:fs";

/** A process that can be told from a later one with the same number. */
interface Ancestor {
  pid: number;
  startedAt: string;
}

/**
 * What of /proc/PID/stat (proc_pid_stat(5)) is asked for; undefined where there is no such process
 * any more, or no /proc.
 */
function readProcess(pid: number): (Ancestor & { parent: number; group: number }) | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 2 is the program's name in parentheses and may hold anything.
    const [state, parent, group, ...more] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return undefined;
    return { pid, parent: Number(parent), group: Number(group), startedAt: more[16]! };
  } catch {
    return undefined;
  }
}

/**
 * The processes that this one was started by and shares a process group with: npx and its shell, a
 * script, a CI's runner. An interactive shell gives each command a group of its own, and setsid
 * does, so what is meant to go on alone has none. Where there is no /proc, the parent.
 */
function findAncestors(): Ancestor[] {
  const self = readProcess(process.pid);
  if (!self) return [];
  const found: Ancestor[] = [];
  for (let next = readProcess(self.parent); next && next.pid > 1 && next.group === self.group; next = readProcess(next.parent)) {
    found.push({ pid: next.pid, startedAt: next.startedAt });
  }
  return found;
}

/**
 * Calls `onGone` once, when one of the processes that this one runs for has ended. npx, for one,
 * ends at SIGTERM without handing it on, and what it had started would go on with no reader.
 * @returns ends the watch
 */
export function watchAncestors(onGone: () => void, everyMs = 1000): () => void {
  const ancestors = findAncestors();
  const parent = process.ppid;
  const hasProc = readProcess(process.pid) !== undefined;
  const isThere = ({ pid, startedAt }: Ancestor) => readProcess(pid)?.startedAt === startedAt;
  const timer = setInterval(() => {
    if (hasProc ? ancestors.every(isThere) : process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
