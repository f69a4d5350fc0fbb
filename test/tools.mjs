// Programs that tests need and a machine may not have: installed with apt where that may be done.
import { execute } from "./suite.mjs";

/**
 * Installs packages of Debian without asking anybody, where this is root on a machine with apt;
 * says nothing of failure: what needs them tells.
 */
export async function installPackages(packages) {
  if (process.getuid?.() !== 0) return;
  await execute("apt-get", ["update", "-q"], { quiet: true });
  await execute("apt-get", ["install", "-yq", "--no-install-recommends", ...packages], {
    quiet: true,
    env: { DEBIAN_FRONTEND: "noninteractive" },
  });
}

/** Sees to it that a program is there, by the package that brings it. */
export async function ensureProgram(program, { versionFlag = "--version", packages = [program] } = {}) {
  const { code } = await execute(program, [versionFlag], { quiet: true });
  if (code !== 0) await installPackages(packages);
}
