import { DrydockError } from "../../../labs/src/errors.ts";
import { setUpWithRetry } from "../../../labs/src/grading/set-up-retry.ts";
import { Progress } from "../../../labs/src/progress.ts";
import type { Sandbox, Topology } from "../../../labs/src/sandbox/provider.ts";
import { describeFailure } from "../errors.ts";
import type { Log } from "../log/log.ts";
import { newStop } from "../stop.ts";
import type { SessionRow } from "../store/tables.ts";
import { scenarioOf, type SessionParts } from "./parts.ts";
import type { Publisher } from "./publish.ts";

/**
 * Begins to prepare a session that is in the state `preparing`: a sandbox of its own, the scenario
 * set up in it. It ends as `ready` or `failed`; when stopped it leaves no sandbox behind and the
 * state as it was. Returns at once. `replaces`: the sandbox that it had, which goes away meanwhile.
 */
export function beginPreparation(parts: SessionParts, publisher: Publisher, row: SessionRow, replaces?: string): void {
  const live = parts.live.of(row.id);
  const stop = newStop();
  live.progress = new Progress();
  live.failure = undefined;
  const unfollow = publisher.follow(row.id);
  const done = prepare(parts, row, { replaces, progress: live.progress, signal: stop.signal })
    .catch((error: unknown) => {
      parts.log.error({ err: error, session: row.id }, "the outcome of a preparation could not be saved");
      live.failure = describeFailure(error);
    })
    .finally(() => {
      unfollow();
      live.preparation = undefined;
      void publisher.publish(row.id);
    });
  live.preparation = { stop, done };
  void publisher.publish(row.id);
}

interface PrepareOptions {
  replaces: string | undefined;
  progress: Progress;
  signal: AbortSignal;
}

async function prepare(parts: SessionParts, row: SessionRow, { replaces, progress, signal }: PrepareOptions): Promise<void> {
  const { store, machine, metrics, now, monotonicMs } = parts;
  const ready = metrics.leaseDuration.startTimer();
  let log = parts.log.child({ session: row.id, scenario: row.scenario });
  let sandbox: Sandbox | undefined;
  try {
    const scenario = scenarioOf(parts, row);
    await waitForMachine(parts, progress, signal);
    const lab = await machine.ready(signal);
    const topology = row.topology as Topology;
    const prepared = await setUpWithRetry<Sandbox>({
      progress,
      signal,
      async make(insteadOf) {
        const leaving = insteadOf?.id ?? replaces;
        // What takes its place is what the session has; should none be had, it has none.
        sandbox = undefined;
        const made = await parts.sandboxes().acquire({ topology, leasedFor: row.id, replaces: leaving, progress, signal });
        sandbox = made;
        Object.assign(parts.live.of(row.id), { sandbox, power: "awake", usedAtMs: monotonicMs() });
        log = parts.log.child({ session: row.id, scenario: row.scenario, sandbox: made.id });
        signal.throwIfAborted();
        await store.sessions.update(row.id, { sandbox: made.id });
        return made;
      },
      // The one that is left at the end is given up below.
      discard: () => undefined,
      setUp: (made) => lab.setUp(made, scenario, { signal }),
      onRetry: (error) => log.warn({ err: error }, "a set-up failed and is tried once more"),
    });
    signal.throwIfAborted();
    const freshAt = now().toISOString();
    const readyAt = row.ready_at ?? freshAt;
    await store.sessions.update(row.id, { state: "ready", ready_at: readyAt, fresh_at: freshAt, error: null });
    ready({ source: metrics.census.sourceOf(prepared.id) });
    log.info("session ready");
  } catch (error) {
    if (sandbox) giveUp(parts, row.id, sandbox.id, log);
    if (signal.aborted) return;
    log.warn({ err: error }, "preparing a session failed");
    const failure = describeFailure(wordFailure(error, row.scenario, sandbox !== undefined));
    metrics.error(failure.code);
    await store.sessions.update(row.id, { state: "failed", sandbox: null, error: JSON.stringify(failure) });
  }
}

async function waitForMachine({ machine }: SessionParts, progress: Progress, signal: AbortSignal): Promise<void> {
  if (machine.state === "ready") return;
  await progress.phase({ id: "machine", title: "Waiting until this machine is prepared" }, () => machine.ready(signal));
}

function giveUp({ sandboxes }: SessionParts, session: string, sandbox: string, log: Log): void {
  void sandboxes().discard(sandbox, log);
  sandboxes().release(session);
}

/** A failure that nobody worded says at least what was being done. */
function wordFailure(error: unknown, scenario: string, madeSandbox: boolean): unknown {
  if (error instanceof DrydockError) return error;
  const message = madeSandbox ? `The task ${scenario} could not be set up` : "A sandbox could not be made";
  return new DrydockError("session.prepare-failed", message, {
    advice: "Reset tries again with a fresh sandbox; the server's log says more",
    cause: error,
  });
}
