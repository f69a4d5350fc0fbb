// Builds the Go programs of the node image. Plain JavaScript without dependencies: `start.mjs`
// begins with it (warm.mjs) while the npm packages are being installed. Whatever runs the programs
// is handed in, see `run`.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureArtifact, hashInputs } from "./artifact.mjs";

const folder = join(import.meta.dirname, "go");
const plan = JSON.parse(readFileSync(join(folder, "programs.json"), "utf8"));

/**
 * The folder where a group's programs are, or will be. Changes with whatever goes into them.
 * @param {string} group
 * @param {string} cacheDir
 */
export function goArtifact(group, cacheDir) {
  const packages = plan.groups[group];
  const module = moduleFolder(group);
  const own = packages.some((/** @type {string} */ name) => name.startsWith("./")) ? ["cmd", "internal"] : [];
  const hash = hashInputs({
    texts: [JSON.stringify({ ...plan, about: "", groups: packages }), process.arch],
    paths: [join(module, "go.mod"), join(module, "go.sum"), ...own.map((name) => join(folder, name))],
    skip: /_test\.go$/,
  });
  return join(cacheDir, `go-${group}-${hash}`);
}

/** @param {string} group */
function moduleFolder(group) {
  return plan.ownModules.includes(group) ? join(folder, group) : folder;
}

/** @param {string} group */
function linkerFlags(group) {
  const goMod = readFileSync(join(moduleFolder(group), "go.mod"), "utf8");
  const versionOf = (/** @type {string} */ module) => {
    const line = goMod.split("\n").find((one) => one.replace("require", "").trim().startsWith(`${module} v`));
    return /v[\d.]+/.exec(line ?? "")?.[0];
  };
  const kubernetes = versionOf("k8s.io/kubernetes") ?? "";
  const [, major, minor] = /v(\d+)\.(\d+)/.exec(kubernetes) ?? [];
  const values = Object.entries({ gitVersion: kubernetes, gitMajor: major, gitMinor: minor, gitTreeState: "clean" });
  const variables = [
    ...plan.kubernetesVersion.flatMap((/** @type {string} */ name) => values.map(([key, value]) => [`${name}.${key}`, value])),
    ...Object.entries(plan.moduleVersions).map(([module, variable]) => [variable, versionOf(module)]),
  ];
  return ["-s", "-w", ...variables.flatMap(([name, value]) => (value ? [`-X ${name}=${value}`] : []))].join(" ");
}

/**
 * Builds a group of programs.json, unless it is there; returns the folder that holds the programs.
 * Modules that Go does not have yet are fetched as Go itself is set up to. May be interrupted: what
 * Go has compiled stays in its cache.
 * @param {string} group
 * @param {{ cacheDir: string; signal?: AbortSignal; onLine?: (line: string) => void;
 *   onWait?: () => void; run: (file: string, args: string[], options: { cwd: string;
 *   env: Record<string, string>; onLine?: (line: string) => void; signal?: AbortSignal }) =>
 *   Promise<unknown> }} options
 */
export async function buildGoPrograms(group, { cacheDir, run, signal, onLine, onWait }) {
  return ensureArtifact(
    goArtifact(group, cacheDir),
    async (unfinished) => {
      mkdirSync(unfinished, { recursive: true });
      const args = [
        "build",
        "-v",
        ...plan.flags,
        `-ldflags=${linkerFlags(group)}`,
        "-o",
        `${unfinished}/`,
        ...plan.groups[group],
      ];
      await run("go", args, { cwd: moduleFolder(group), env: plan.env, onLine, signal });
    },
    { signal, onWait },
  );
}
