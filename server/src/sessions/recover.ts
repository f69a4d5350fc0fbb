import type { Progress } from "../../../labs/src/progress.ts";
import type { SandboxRecord, Topology } from "../../../labs/src/sandbox/provider.ts";
import type { SessionRow } from "../store/tables.ts";
import type { SessionParts } from "./parts.ts";

export const LOST = {
  code: "sandbox.lost",
  message: "The sandbox is gone or does not answer",
  advice: "Reset gives you a new one",
};

/**
 * Those who come back to their shells after a restart wait for the engine, as does whatever puts
 * things right: it can wait.
 */
const TERMINALS_FIRST_MS = 2000;

/**
 * Takes up what an earlier life of the server left: the sandboxes of running sessions, marks
 * sessions whose sandbox is gone as lost, and has what nobody owns removed behind the scenes.
 * Returns the sessions whose preparation was interrupted; they are to be prepared anew.
 */
export async function takeUp(parts: SessionParts, progress: Progress): Promise<SessionRow[]> {
  return progress.phase({ id: "sandboxes", title: "Taking up the sandboxes in use" }, async () => {
    const { store } = parts;
    const sandboxes = parts.sandboxes();
    const records = await sandboxes.provider.list();
    const rows = await store.sessions.running();
    const byId = new Map(records.map((record) => [record.id, record]));
    const kept = new Set<string>();
    await Promise.all(
      rows
        .filter((row) => row.state === "ready" || row.state === "lost")
        .map(async (row) => {
          if (await resume(parts, row, byId.get(row.sandbox ?? ""))) kept.add(row.sandbox ?? "");
        }),
    );
    const interrupted = rows.filter((row) => row.state === "preparing");
    for (const row of interrupted) {
      await store.sessions.update(row.id, { sandbox: null });
      parts.live.of(row.id).asker ??= { learner: row.learner, address: undefined };
    }
    sandboxes.clearUp(kept.size > 0 ? TERMINALS_FIRST_MS : 0, records, (record) => kept.has(record.id));
    return interrupted;
  });
}

/**
 * Takes a session's sandbox over as it is, awake or frozen, or marks the session as lost. Returns
 * whether there is something to keep.
 */
async function resume(parts: SessionParts, row: SessionRow, record: SandboxRecord | undefined): Promise<boolean> {
  const { store, log, live, monotonicMs } = parts;
  if (!record || record.state === "lost") {
    log.warn({ session: row.id, sandbox: row.sandbox }, "the sandbox of a session is gone");
    await store.sessions.update(row.id, { state: "lost", error: JSON.stringify(LOST) });
    parts.loseTerminals(row.id);
    return record !== undefined;
  }
  parts.sandboxes().adopt(row.id, row.topology as Topology);
  Object.assign(live.of(row.id), { power: record.frozen ? "frozen" : "awake", usedAtMs: monotonicMs() });
  // One that goes on may have been left half frozen or half thawed.
  const thaw = () =>
    parts
      .sandboxes()
      .provider.thaw(record.id)
      .catch(() => undefined);
  if (!record.frozen) setTimeout(thaw, TERMINALS_FIRST_MS).unref();
  if (row.state === "lost") await store.sessions.update(row.id, { state: "ready", error: null });
  return true;
}
