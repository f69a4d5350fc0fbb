// For `start.mjs`: begins the longest step of the node image, the Go build, while the npm packages
// are still being installed. The result lands where the image build looks for it, and a build that
// comes meanwhile waits for this one.
import { spawn } from "node:child_process";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { buildGoPrograms } from "./go-programs.mjs";

/**
 * @param {string} file
 * @param {string[]} args
 * @param {{ cwd: string; env: Record<string, string>; onLine?: (line: string) => void; signal?:
 * AbortSignal }} options
 */
function run(file, args, { cwd, env, onLine, signal }) {
  return new Promise((done, failed) => {
    const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, signal, stdio: ["ignore", "ignore", "pipe"] });
    let end = "";
    child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      end = (end + text).slice(-4000);
      for (const line of text.trimEnd().split("\n")) onLine?.(line);
    });
    child.on("error", failed);
    child.on("close", (code) => (code === 0 ? done(undefined) : failed(new Error(`${file} exited with ${code}: ${end}`))));
  });
}

/**
 * The artifact cache of the data directory, by the same rule as config.ts.
 * @param {NodeJS.ProcessEnv} env
 */
function defaultCacheDir(env) {
  return env.DRYDOCK_CACHE
    ? resolve(env.DRYDOCK_CACHE)
    : join(resolve(env.DRYDOCK_HOME ?? join(env.XDG_DATA_HOME || join(homedir(), ".local/share"), "drydock")), "cache");
}

/**
 * Builds what the first sandbox needs of Go, in the order in which it is needed; at once when all
 * of it is there. Rejects when Go is missing or the build fails: the image build will then say so
 * again, in its own words, so a caller may ignore it.
 * @param {{ cacheDir?: string; signal?: AbortSignal; onLine?: (line: string) => void; groups?:
 * import("./go-programs.mjs").GoGroup[] }} [options]
 */
export async function warm({
  cacheDir = defaultCacheDir(process.env),
  signal,
  onLine,
  groups = ["kubernetes", "storage", "tools", "crictl", "kind"],
} = {}) {
  for (const group of groups) await buildGoPrograms(group, { cacheDir, run, signal, onLine });
}
