import { readFile } from "node:fs/promises";
import { DrydockError } from "../errors.ts";
import { run, tryRun } from "../process.ts";
import type { Report } from "../progress.ts";

/**
 * podman with what rootful networking and names on a network need; those that a release does not
 * have are left out.
 */
const PACKAGES = ["podman", "runc", "conmon", "netavark", "aardvark-dns", "iptables", "ca-certificates"];
const APT = { env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" } };
const APT_OPTIONS = ["-q", "-y", "-o", "DPkg::Lock::Timeout=300"];

/**
 * Whether the text of /etc/os-release is Debian's, Ubuntu's or one that calls itself like them
 * (os-release(5)).
 */
export function isDebianLike(osRelease: string): boolean {
  const values = osRelease.split("\n").filter((line) => /^ID(_LIKE)?=/.test(line));
  return /\b(debian|ubuntu)\b/.test(values.join(" "));
}

/** Whether an engine may be installed here without asking anybody: root on a Debian or Ubuntu. */
export async function canInstall(): Promise<boolean> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  return isDebianLike(await readFile("/etc/os-release", "utf8").catch(() => ""));
}

/** Installs podman with apt. @throws DrydockError `engine.install` */
export async function installPodman(report: Report): Promise<void> {
  try {
    report("reading the package lists");
    await run("apt-get", [...APT_OPTIONS, "update"], { ...APT, timeoutMs: 300_000 });
    const known = await tryRun("apt-cache", ["madison", ...PACKAGES], APT);
    const available = PACKAGES.filter((name) => new RegExp(`^\\s*${name} \\|`, "m").test(known.stdout));
    report("installing podman and runc");
    const install = [...APT_OPTIONS, "--no-install-recommends", "install", ...available];
    await run("apt-get", install, { ...APT, timeoutMs: 900_000, onLine: report });
  } catch (cause) {
    throw new DrydockError("engine.install", "podman could not be installed with apt", {
      cause,
      advice: `Install docker or podman by hand, then start again: ${cause instanceof Error ? cause.message : String(cause)}`,
    });
  }
}
