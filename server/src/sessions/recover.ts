import type { Progress } from "../../../labs/src/progress.ts";
import type { SandboxRecord, Topology } from "../../../labs/src/sandbox/provider.ts";
import type { SessionRow } from "../store/tables.ts";
import { within } from "../within.ts";
import type { SessionParts } from "./parts.ts";

export const LOST = {
  code: "sandbox.lost",
  message: "The sandbox is gone or does not answer",
  advice: "Reset gives you a new one",
};

/**
 * Takes up what an earlier life of the server left: thaws the sandboxes of running sessions, marks sessions whose sandbox is gone as lost, and has what
 * nobody owns removed behind the scenes. Returns the sessions whose preparation was interrupted; they are to be prepared anew.
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
    for (const row of interrupted) await store.sessions.update(row.id, { sandbox: null });
    void clearUp(parts, records, kept);
    return interrupted;
  });
}

/** Nobody waits for this: half-made sandboxes, and finished ones that no session has. */
async function clearUp(
  { sandboxes, log }: SessionParts,
  records: readonly SandboxRecord[],
  kept: ReadonlySet<string>,
): Promise<void> {
  try {
    const garbage = await sandboxes().provider.collectGarbage("server");
    if (garbage.length > 0) log.info({ sandboxes: garbage }, "removed half-made sandboxes");
    await sandboxes().sweep(records, (record) => kept.has(record.id));
  } catch (error) {
    log.warn({ err: error }, "sandboxes that nobody has could not be removed");
  }
}

/** A thawed sandbox whose API server does not answer soon is the learner's business: some tasks are about just that. */
const THAW_MS = 5000;

/** Wakes a session's sandbox, or marks the session as lost. Returns whether there is something to keep. */
async function resume(parts: SessionParts, row: SessionRow, record: SandboxRecord | undefined): Promise<boolean> {
  const { store, log } = parts;
  const { provider, capacity } = parts.sandboxes();
  if (!record || record.state === "lost") {
    log.warn({ session: row.id, sandbox: row.sandbox }, "the sandbox of a session is gone");
    await store.sessions.update(row.id, { state: "lost", error: JSON.stringify(LOST) });
    parts.loseTerminals(row.id);
    return record !== undefined;
  }
  const slow = (error: unknown) =>
    log.warn({ err: error, session: row.id, sandbox: record.id }, "a thawed sandbox does not answer");
  await within(THAW_MS, provider.thaw(record.id).catch(slow));
  capacity.adopt(row.id, row.topology as Topology);
  if (row.state === "lost") await store.sessions.update(row.id, { state: "ready", error: null });
  return true;
}
