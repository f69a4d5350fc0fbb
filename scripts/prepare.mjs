// What must be there before any TypeScript of the project can run: Node, the npm packages and the
// built page. Plain Node without dependencies, because it runs on a clone that has no node_modules
// yet.
import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

export const projectDir = resolve(import.meta.dirname, "..");
const OLDEST_NODE = [20, 19];

/** Ends the process with one clear line when this Node is too old. */
export function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  console.error(`Drydock needs Node ${OLDEST_NODE.join(".")} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/**
 * Runs a program to its end; its output is shown when it fails (or at once with `inherit`).
 * @returns {Promise<void>} rejects with the exit status in its message
 */
export function runVisibly(file, args, { inherit = false, env = {}, cwd = projectDir } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: inherit ? "inherit" : ["ignore", "pipe", "pipe"],
    });
    const output = [];
    child.stdout?.on("data", (chunk) => output.push(chunk));
    child.stderr?.on("data", (chunk) => output.push(chunk));
    child.on("error", (error) => fail(new Error(`${file}: ${error.message}`)));
    child.on("exit", (code, signal) => {
      if (code === 0) return done();
      process.stderr.write(Buffer.concat(output));
      fail(new Error(`${file} ${args.join(" ")} ended with ${signal ?? code}`));
    });
  });
}

/**
 * Node's headers where this Node brought them along, so that native packages compile without a
 * download.
 */
export function nodeHeaders() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, "include/node/node_api.h")) ? { npm_config_nodedir: prefix } : {};
}

function digest(paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(path).update(readFileSync(path));
  return hash.digest("hex");
}

function isCurrent(stamp, hash) {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === hash;
}

/**
 * Installs the npm packages when the lock file, or the Node that compiled the native ones, is
 * another than at the last time. Returns whether it did.
 */
export async function ensurePackages() {
  const stamp = join(projectDir, "node_modules/.drydock-installed");
  const hash = digest([join(projectDir, "package-lock.json")]) + process.versions.modules;
  if (isCurrent(stamp, hash)) return false;
  await runVisibly("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { env: nodeHeaders() });
  writeFileSync(stamp, hash);
  return true;
}

function sources(dir) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Builds the page when one of its sources changed. Returns whether it did. */
export async function ensurePage() {
  const stamp = join(projectDir, "web/dist/.inputs");
  const inputs = [
    ...sources(join(projectDir, "web/src")),
    ...sources(join(projectDir, "terminal/src")),
    ...[
      "web/index.html",
      "web/vite.config.ts",
      "web/package.json",
      "package-lock.json",
      "server/src/contract.ts",
      "labs/src/scenarios/schema.ts",
      "labs/src/checks/outcome.ts",
    ].map((path) => join(projectDir, path)),
  ].filter((path) => existsSync(path) && statSync(path).isFile());
  const hash = digest(inputs);
  if (isCurrent(stamp, hash)) return false;
  await runVisibly("npm", ["-w", "web", "run", "--silent", "build"]);
  writeFileSync(stamp, hash);
  return true;
}

/**
 * Whether the registry that the node image could come from answers at all; any HTTP status is an
 * answer.
 */
async function registryAnswers(registry) {
  const loopback = /^(localhost|127\.|\[::1\])/.test(registry);
  const address = registry === "docker.io" ? "https://registry-1.docker.io" : `${loopback ? "http" : "https"}://${registry}`;
  return fetch(`${address}/v2/`, { signal: AbortSignal.timeout(3000) }).then(
    () => true,
    () => false,
  );
}

/**
 * On a fresh clone, begins the longest step of building the node image, the compilation of
 * Kubernetes, while npm leaves a core idle. The image build finds what it made, or waits for it.
 * Does nothing where the packages are there already, or where an official image will be the base.
 */
export async function warmUp() {
  if (existsSync(join(projectDir, "node_modules/.drydock-installed")) || process.env.DRYDOCK_NODE_BASE === "official") return;
  if (process.env.DRYDOCK_NODE_BASE !== "source" && (await registryAnswers(process.env.DRYDOCK_NODE_REGISTRY ?? "docker.io")))
    return;
  const { warm } = await import("../labs/src/image/warm.mjs");
  const stop = new AbortController();
  process.once("exit", () => stop.abort());
  // A failure is told by the image build itself, in its own words and where a person looks.
  warm({ signal: stop.signal }).catch(() => undefined);
}
