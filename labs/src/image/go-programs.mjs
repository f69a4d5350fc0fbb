// Builds the Go programs of the node image. Plain JavaScript without dependencies: `start.mjs`
// begins with it (warm.mjs) while the npm packages are being installed. Whatever runs the programs
// is handed in, see `run`.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureArtifact, hashInputs } from "./artifact.mjs";

const folder = join(import.meta.dirname, "go");
const plan = JSON.parse(readFileSync(join(folder, "programs.json"), "utf8"));
const version = /k8s\.io\/kubernetes (v[\d.]+)/.exec(readFileSync(join(folder, "go.mod"), "utf8"))?.[1] ?? "";

/**
 * The folder where a group's programs are, or will be. Changes with whatever goes into them.
 * @param {string} group
 * @param {string} cacheDir
 */
export function goArtifact(group, cacheDir) {
  const packages = plan.groups[group];
  const own = packages.some((/** @type {string} */ name) => name.startsWith("./")) ? ["cmd", "internal"] : [];
  const hash = hashInputs({
    texts: [JSON.stringify({ ...plan, about: "", groups: packages }), process.arch],
    paths: [join(folder, "go.mod"), join(folder, "go.sum"), ...own.map((name) => join(folder, name))],
    skip: /_test\.go$/,
  });
  return join(cacheDir, `go-${group}-${hash}`);
}

function linkerFlags() {
  const [, major, minor] = /v(\d+)\.(\d+)/.exec(version) ?? [];
  const values = Object.entries({ gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" });
  const variables = plan.versionVariables.flatMap((/** @type {string} */ name) =>
    values.map(([key, value]) => `-X ${name}.${key}=${value}`),
  );
  return ["-s", "-w", ...variables].join(" ");
}

/**
 * Builds a group of programs.json, unless it is there; returns the folder that holds the programs.
 * Modules that Go does not have yet are fetched as Go itself is set up to. May be interrupted: what
 * Go has compiled stays in its cache.
 * @param {string} group
 * @param {{ cacheDir: string; signal?: AbortSignal; onLine?: (line: string) => void; onWait?: () =>
 * void;
 *   run: (file: string, args: string[], options: { cwd: string; env: Record<string, string>; onLine?: (line: string) => void; signal?: AbortSignal }) => Promise<unknown> }} options
 */
export async function buildGoPrograms(group, { cacheDir, run, signal, onLine, onWait }) {
  return ensureArtifact(
    goArtifact(group, cacheDir),
    async (unfinished) => {
      mkdirSync(unfinished, { recursive: true });
      const args = ["build", "-v", ...plan.flags, `-ldflags=${linkerFlags()}`, "-o", `${unfinished}/`, ...plan.groups[group]];
      await run("go", args, { cwd: folder, env: plan.env, onLine, signal });
    },
    { signal, onWait },
  );
}
