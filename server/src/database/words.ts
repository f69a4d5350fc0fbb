import type { Backup } from "../store/backup.ts";
import type { Content, InUse } from "../store/examine.ts";
import type { Restored } from "./restore.ts";

/** What a backup holds, for the terminal. */
export function showBackup(backup: Backup): string {
  return `Saved ${describeContent(backup)} in ${backup.path} (${Math.ceil(backup.bytes / 1024)} KiB)`;
}

export function showRestored(file: string, { content, kept, wasRunning }: Restored): string {
  const lines = [
    `Restored ${describeContent(content)} from ${file}`,
    ...(kept ? [`The database before is kept in ${kept}`] : []),
    ...(wasRunning ? ["The server took it over; pages and terminals come back by themselves"] : []),
  ];
  return lines.join("\n");
}

/** Sessions with a cluster, one line each. */
export function listInUse(sessions: readonly InUse[]): string {
  return sessions.map((one) => `  ${one.scenario} (session ${one.id}, ${one.state}, since ${one.startedAt})`).join("\n");
}

function describeContent({ sessions, attempts, learners, latest }: Content): string {
  const until = latest ? `, the latest of ${latest}` : "";
  return `${count(sessions, "session")} and ${count(attempts, "attempt")} of ${count(learners, "learner")}${until}`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
