import { setTimeout as sleep } from "node:timers/promises";
import { DrydockError } from "../../../labs/src/errors.ts";
import { findServerNote } from "../../../labs/src/status/server-note.ts";
import { askOperator } from "../operator/ask.ts";
import { replaceDatabase } from "../store/copies.ts";
import type { Content } from "../store/examine.ts";
import { lockDataDir } from "../store/lock.ts";
import { stage, stagedPath, unstage } from "../store/staging.ts";
import { listInUse } from "./words.ts";

export interface RestoreOptions {
  /** Whether sessions that the backup does not know may lose their clusters. */
  force: boolean;
  now: Date;
}

export interface Restored {
  content: Content;
  /** Where the database before is kept. */
  kept: string | undefined;
  /** Whether a server did it while it ran. */
  wasRunning: boolean;
}

/** A server that stops takes its time to freeze the sandboxes in use. */
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 250;

/**
 * Puts a backup in the place of a data directory's database: by itself where no server runs there,
 * else through that server.
 * @throws DrydockError `restore.*`, `store.*`, `server.already-running`, `operator.*`
 */
export async function restore(dataDir: string, file: string, { force, now }: RestoreOptions): Promise<Restored> {
  const { name, content, losing } = await stage(dataDir, file);
  try {
    if (losing.length > 0 && !force) {
      throw new DrydockError(
        "restore.loses-clusters",
        `The backup does not know of these clusters, which would be given back:\n${listInUse(losing)}\nNothing was changed`,
        { advice: "Have these sessions ended, make a newer backup, or restore with --force" },
      );
    }
    const lock = lockUnlessServed(dataDir);
    if (!lock) return { content, kept: await askServer(dataDir, name), wasRunning: true };
    try {
      return { content, kept: replaceDatabase(dataDir, stagedPath(dataDir, name), now), wasRunning: false };
    } finally {
      lock.release();
    }
  } finally {
    unstage(dataDir, name);
  }
}

function lockUnlessServed(dataDir: string): ReturnType<typeof lockDataDir> | undefined {
  try {
    return lockDataDir(dataDir);
  } catch (error) {
    if (error instanceof DrydockError && error.code === "server.already-running") return undefined;
    throw error;
  }
}

/**
 * Has the server that runs do it, and waits until it is back.
 * @returns where it keeps the database before
 */
async function askServer(dataDir: string, staged: string): Promise<string | undefined> {
  const note = await findServerNote(dataDir);
  if (!note) {
    throw new DrydockError("restore.not-served", `${dataDir} is in use, but no server says where it is`, {
      advice: "It is being started or stopped: try again in a moment",
    });
  }
  const asked = await askOperator(dataDir, note, "POST", { staged });
  if (!asked) {
    throw new DrydockError("restore.not-served", `The server at ${note.url} does not answer`, {
      advice: "It is being started or stopped: try again in a moment",
    });
  }
  for (const deadlineMs = performance.now() + PATIENCE_MS; performance.now() < deadlineMs;) {
    await sleep(LOOK_EVERY_MS);
    const state = await askOperator(dataDir, note, "GET");
    if (state?.staged !== staged || state.state === "running") continue;
    if (state.state === "done") return state.kept;
    throw new DrydockError(
      state.error?.code ?? "restore.failed",
      `The server goes on with its own database: ${state.error?.message}`,
      {
        advice: state.error?.advice,
      },
    );
  }
  throw new DrydockError("restore.no-answer", `The server did not come back within ${PATIENCE_MS / 1000} s`, {
    advice: "Look into server.log in the data directory, and start the server again if it has ended",
  });
}
