import { randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Who can read the data directory may tell its server what to do: the token lies there, and is
 * another one in each life of the server.
 */
export function makeToken(dataDir: string): { token: string; remove: () => void } {
  const path = pathOf(dataDir);
  const token = randomBytes(32).toString("base64url");
  try {
    rmSync(path, { force: true });
    writeFileSync(path, token, { mode: 0o600 });
  } catch {
    // On a full disk nothing can be restored into this server; it serves all the same.
  }
  return { token, remove: () => rmSync(path, { force: true }) };
}

/** The token of the server that runs, or ran last; undefined where there is none. */
export function readToken(dataDir: string): string | undefined {
  try {
    return readFileSync(pathOf(dataDir), "utf8");
  } catch {
    return undefined;
  }
}

/** Whether an Authorization header carries the token. */
export function carriesToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? "");
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function pathOf(dataDir: string): string {
  return join(dataDir, "operator.token");
}
