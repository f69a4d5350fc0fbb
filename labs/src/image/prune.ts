import { readdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";

const ARTIFACT = /^(go-[a-z]+|rootfs|mirror|golden)-[0-9a-f]{16}(\.tar)?$/;

/**
 * Deletes artifacts of former versions from the cache: those not in `current` that nothing has
 * touched for `olderThanMs`, so that another checkout which shares the data directory keeps its
 * own. Returns the names deleted.
 */
export async function pruneCache(
  cacheDir: string,
  current: readonly string[],
  olderThanMs: number,
  nowMs: number,
): Promise<string[]> {
  const kept = new Set(current.map((path) => basename(path)));
  const deleted: string[] = [];
  for (const name of await readdir(cacheDir).catch(() => [])) {
    if (!ARTIFACT.test(name) || kept.has(name)) continue;
    const path = join(cacheDir, name);
    if (nowMs - (await stat(path)).mtimeMs < olderThanMs) continue;
    await rm(path, { recursive: true, force: true });
    deleted.push(name);
  }
  return deleted;
}
