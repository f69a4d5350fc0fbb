import { existsSync } from "node:fs";
import { access, mkdir, rename, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Config } from "../config.ts";
import { createClient } from "./client.ts";
import { type Engine, LABEL, LABEL_INSTALLATION } from "./engine.ts";
import { readHardLimits } from "./limits.ts";
import { podmanConfigPath, settingsToTry, writePodmanConfig } from "./podman-config.ts";
import { lastLine, type Probe } from "./probe.ts";

/**
 * What of this machine a container needs to run the machine's own `true`: no image has to be there.
 */
const MACHINE_FOLDERS = ["/usr", "/bin", "/lib", "/lib64"];
const RUNTIMES = ["runc", "crun"];

/**
 * Finds out whether podman really runs a container: with its own settings first, and if these fail
 * with settings written to `<dataDir>/containers.conf`, which takes the place of the machine's own
 * for this project only.
 */
export async function probePodman(config: Config): Promise<Probe> {
  const own = createClient({ name: "podman", command: "podman", env: {}, version: "" });
  const info = await own.tryRun(["info", "--format", "{{.Version.Version}} {{.Host.ServiceIsRemote}}"], { timeoutMs: 30_000 });
  if (info.exitCode !== 0) return { reason: lastLine(info.stderr) || "podman info failed" };
  const [version = "", remote] = info.stdout.trim().split(" ");
  const withVersion = (env: Record<string, string>): Engine => createClient({ ...own, env, version });
  // A podman machine (macOS, Windows) is not on this kernel: its own settings were made for it.
  if (remote === "true") return { engine: withVersion({}) };

  let failure = await tryContainer(withVersion({}), config);
  if (failure === undefined) return { engine: withVersion({}) };
  const path = podmanConfigPath(config);
  const candidate = `${path}.candidate-${process.pid}`;
  for (const settings of settingsToTry(await readHardLimits(), RUNTIMES.filter(isInstalled))) {
    await writePodmanConfig(candidate, settings);
    failure = await tryContainer(withVersion({ CONTAINERS_CONF: candidate }), config);
    if (failure !== undefined) continue;
    await rename(candidate, path);
    return { engine: withVersion({ CONTAINERS_CONF: path }) };
  }
  await rm(candidate, { force: true });
  return { reason: `podman cannot start a container: ${failure}` };
}

/** Runs `true` as a node would be run, privileged; returns why it failed. */
async function tryContainer(podman: Engine, config: Config): Promise<string | undefined> {
  const rootfs = join(config.dataDir, "probe-rootfs");
  await mkdir(rootfs, { recursive: true });
  const mounts = MACHINE_FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) => ["-v", `${folder}:${folder}:ro`]);
  const labels = ["--label", `${LABEL}=probe`, "--label", `${LABEL_INSTALLATION}=${config.installation}`];
  const args = ["run", "--rm", "--privileged", "--network", "none", ...labels, ...mounts, "--rootfs", rootfs, "/bin/true"];
  const result = await podman.tryRun(args, { timeoutMs: 30_000 });
  return result.exitCode === 0 ? undefined : lastLine(result.stderr) || `exit status ${result.exitCode}`;
}

function isInstalled(program: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.some((folder) => existsSync(join(folder, program)));
}

/**
 * podman refuses to mount a folder that is not there, and kind mounts /lib/modules into every node.
 * Needs root.
 */
export async function ensureModulesFolder(): Promise<void> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return;
  await access("/lib/modules").catch(() => mkdir("/lib/modules", { recursive: true }));
}
