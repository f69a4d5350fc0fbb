import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isRunning } from "../process.ts";

/**
 * What a server leaves in its data directory, so that others find it. One that was killed leaves it
 * behind.
 */
const noteSchema = z.object({ pid: z.number().int().positive(), url: z.url() });
export type ServerNote = z.infer<typeof noteSchema>;

export function serverNotePath(dataDir: string): string {
  return join(dataDir, "server.json");
}

/** The text of a note, as it stands in the file. */
export function formatServerNote(note: ServerNote): string {
  return JSON.stringify(note);
}

/** @throws SyntaxError, ZodError where it is not a note */
export function parseServerNote(text: string): ServerNote {
  return noteSchema.parse(JSON.parse(text));
}

/**
 * The note of the server of a data directory; undefined where there is none, none that can be read,
 * or one of a process that has ended.
 */
export async function findServerNote(dataDir: string): Promise<ServerNote | undefined> {
  try {
    const note = parseServerNote(await readFile(serverNotePath(dataDir), "utf8"));
    return isRunning(note.pid) ? note : undefined;
  } catch {
    return undefined;
  }
}
