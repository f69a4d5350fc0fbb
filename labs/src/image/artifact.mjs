// Artifacts of build steps: folders or files that are made once, whole or not at all. Plain
// JavaScript without dependencies, because `start.mjs` uses it before any package is installed.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** @param {string} path */
function exists(path) {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/**
 * A short hash (16 hex digits) of texts, and of the files at paths; a folder counts with everything
 * in it, by relative name, mode and content.
 * @param {{ texts?: readonly string[]; paths?: readonly string[]; skip?: RegExp }} inputs
 */
export function hashInputs({ texts = [], paths = [], skip }) {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`text ${text.length}\n${text}\n`);
  /** @param {string} path @param {string} name */
  const add = (path, name) => {
    if (skip?.test(name)) return;
    const stat = statSync(path);
    if (stat.isDirectory()) {
      for (const entry of readdirSync(path).sort()) add(join(path, entry), `${name}/${entry}`);
      return;
    }
    const content = readFileSync(path);
    hash.update(`file ${name} ${stat.mode & 0o111 ? "x" : "-"} ${content.length}\n`).update(content);
  };
  for (const path of paths) add(path, basename(path));
  return hash.digest("hex").slice(0, 16);
}

/**
 * What tells a process from a later one with the same number: the number, and when it began (field
 * 22 of proc(5)'s stat; only Linux says that).
 * @param {number} pid
 */
function identity(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return `${pid} ${stat.slice(stat.lastIndexOf(")")).split(" ")[20]}`;
  } catch {
    return `${pid}`;
  }
}

/** @param {string} lock @returns {boolean} whether a living process holds it */
function isHeld(lock) {
  try {
    const text = readFileSync(lock, "utf8");
    const pid = Number(text.split(" ")[0]);
    if (!pid || identity(pid) !== text) return false;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {{ code?: string }} */ (error).code === "EPERM";
  }
}

/** @param {string} lock @returns {boolean} whether this call took it */
function takeLock(lock) {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(lock, identity(process.pid), { flag: "wx" });
      return true;
    } catch (error) {
      if (/** @type {{ code?: string }} */ (error).code !== "EEXIST") throw error;
      if (isHeld(lock)) return false;
      rmSync(lock, { force: true });
    }
  }
  return false;
}

/**
 * Does `work` while this process holds the lock; a living process that holds it is waited for, a
 * dead one's lock is taken over.
 * @template T
 * @param {string} lock path of the lock file
 * @param {() => Promise<T>} work
 * @param {{ signal?: AbortSignal; onWait?: () => void }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(lock, work, { signal, onWait } = {}) {
  mkdirSync(dirname(lock), { recursive: true });
  while (!takeLock(lock)) {
    signal?.throwIfAborted();
    onWait?.();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/**
 * Returns `path` once it exists. When it does not, `produce` makes it under a temporary name beside
 * it, which is renamed when `produce` has finished; what an interrupted run left is removed first.
 * Another process that is making the same artifact is waited for.
 * @param {string} path
 * @param {(unfinished: string) => Promise<void>} produce
 * @param {{ signal?: AbortSignal; onWait?: () => void }} [options]
 */
export async function ensureArtifact(path, produce, options) {
  if (exists(path)) return path;
  return withLock(
    `${path}.lock`,
    async () => {
      if (exists(path)) return path;
      const unfinished = `${path}.unfinished`;
      rmSync(unfinished, { recursive: true, force: true });
      await produce(unfinished);
      renameSync(unfinished, path);
      return path;
    },
    options,
  );
}
