import { duration, table } from "./table.ts";
import type { Distribution, Quantile } from "../status/histogram.ts";
import type { MachineStatus, SandboxStatus } from "../status/machine-status.ts";
import type { ServerStatus } from "../status/server-status.ts";

/** How things stand on a server, as lines for a person. */
export function showServer(status: ServerStatus, now: Date): string[] {
  const { terminals, durations } = status;
  const rows = [
    ["Sandboxes", `${countSandboxes(status)}, ${seen(status.sandboxesSeenAt, now)}`],
    ["Sessions", counts(status.sessions)],
    ["Queue", status.queued === 0 ? "nobody waits" : `${status.queued} waiting`],
    ["Terminals", `${terminals.open} open, ${terminals.windows} windows, ${bytes(terminals.outputBytes)} of output`],
    ["Errors", counts(status.errors)],
  ];
  const measured = [
    ...durations.lease.map((one) => showDuration(`request to ready session (${one.labels.source})`, one)),
    ...durations.setUp.map((one) => showDuration("set-up of a task", one)),
    ...durations.check.map((one) => showDuration(`check of ${one.labels.scenario}, ${one.labels.verdict}`, one)),
  ];
  const started = status.startedAt ? `, started ${ago(status.startedAt, now)}` : "";
  return [
    `Drydock ${status.version} at ${status.url} (process ${status.pid}${started})`,
    "",
    ...table(rows),
    "",
    ...(measured.length === 0
      ? ["Durations: nothing was measured yet"]
      : table([["Durations (p50 and p95 are estimates)", "count", "p50", "p95"], ...measured])),
  ];
}

/** The sandboxes of this machine, as lines for a person. */
export function showMachine({ engine, sandboxes }: MachineStatus): string[] {
  if (!engine) return ["There is no container engine, so there are no sandboxes"];
  if (sandboxes.length === 0) return [`There are no sandboxes (${engine})`];
  return table([["Sandbox", "owner", "state", "topology", "memory", "disk", "for"], ...sandboxes.map(showSandbox)]);
}

function showSandbox({ id, owner, state, frozen, topology, memoryBytes, diskBytes, leasedFor }: SandboxStatus): string[] {
  const measured = [memoryBytes, diskBytes].map((size) => (size === undefined ? "?" : bytes(size)));
  return [id, owner, frozen ? `${state}, frozen` : state, topology, ...measured, leasedFor ?? "-"];
}

function countSandboxes({ sandboxes }: ServerStatus): string {
  return counts(Object.fromEntries(sandboxes.map(({ state, frozen, count }) => [frozen ? `${state} and frozen` : state, count])));
}

/** `2 leased, 1 lost`; what there is none of is left out. */
function counts(numbers: Record<string, number>): string {
  const present = Object.entries(numbers).filter(([, count]) => count > 0);
  return present.map(([what, count]) => `${count} ${what}`).join(", ") || "none";
}

function showDuration(what: string, { count, p50, p95 }: Distribution): string[] {
  return [what, String(count), quantile(p50), quantile(p95)];
}

function quantile({ seconds, orMore }: Quantile): string {
  return `${orMore ? "more than" : "about"} ${seconds < 1 ? `${Math.round(seconds * 1000)} ms` : duration(seconds * 1000)}`;
}

function seen(at: string | undefined, now: Date): string {
  return at ? `as the engine said ${ago(at, now)}` : "the engine did not say yet";
}

function ago(time: string, now: Date): string {
  return `${duration(Math.max(0, now.getTime() - Date.parse(time)))} ago`;
}

function bytes(count: number): string {
  if (count < 1e3) return `${count} B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(1)} kB`;
  return count < 1e9 ? `${Math.round(count / 1e6)} MB` : `${(count / 1e9).toFixed(1)} GB`;
}
