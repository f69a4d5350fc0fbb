import { existsSync, renameSync, statSync } from "node:fs";
import pino from "pino";
import type { Log } from "./log.ts";

const MOST_BYTES = 20 * 1024 * 1024;

/** The server's log: one JSON object per line. A large one is put aside at the start, in place of the one that was put aside before. */
export function openLog(path: string, level: string): Log {
  if (existsSync(path) && statSync(path).size > MOST_BYTES) renameSync(path, `${path}.1`);
  const destination = pino.destination({ dest: path, mkdir: true, sync: true });
  // A full disk must not end the server for want of a log line.
  destination.on("error", () => undefined);
  return pino({ level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
