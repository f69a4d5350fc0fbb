import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Config } from "../../../labs/src/config.ts";
import { ensureArtifact } from "../../../labs/src/image/artifact.mjs";
import { run } from "../../../labs/src/process.ts";
import { nodeHeaders } from "../../../scripts/prepare.mjs";

/** What is compared with: no dependencies of the project. wetty runs on the same node-pty. */
const VERSIONS = { "node-pty": "1.1.0", wetty: "3.2.0" };

/**
 * Installs them into the cache with npm, where they are not there yet; node-pty is compiled.
 * @returns what resolves one's modules
 * @throws DrydockError `process.failed`, `process.missing` where there is no network, npm or
 * compiler
 */
export async function ensurePackages(config: Config): Promise<NodeJS.Require> {
  const versions = Object.entries(VERSIONS).map(([name, version]) => `${name}-${version}`);
  const path = join(config.cacheDir, `bench-${versions.join("-")}-node-${process.versions.modules}`);
  const folder = await ensureArtifact(path, async (unfinished) => {
    await mkdir(unfinished, { recursive: true });
    const manifest = { private: true, dependencies: VERSIONS, allowScripts: { "node-pty": true } };
    await writeFile(join(unfinished, "package.json"), JSON.stringify(manifest));
    await run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"], {
      cwd: unfinished,
      env: nodeHeaders(),
      timeoutMs: 300_000,
    });
  });
  return createRequire(join(folder, "package.json"));
}
