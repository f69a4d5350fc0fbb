import pino from "pino";
import { BOUNDED } from "./bounded.ts";
import type { Log } from "./log.ts";
import { RollingFile } from "./rolling-file.ts";

const MOST_BYTES = 20 * 1024 * 1024;
const KEEP = 4;

/**
 * The server's log: one JSON object per line, in a file that is put aside when it is full, of which
 * some are kept.
 */
export function openLog(path: string, level: string): Log {
  return pino({ ...BOUNDED, level }, new RollingFile({ path, mostBytes: MOST_BYTES, keep: KEEP }));
}
