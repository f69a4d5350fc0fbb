import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Config } from "../config.ts";
import type { HardLimits } from "./limits.ts";

export interface PodmanSettings {
  /** The OCI runtime; absent: podman's own choice. */
  runtime?: string;
  /** `cgroupfs` where systemd is not the one to ask; absent: podman's own choice. */
  cgroupManager?: "cgroupfs";
  limits: HardLimits;
}

/**
 * The text of a containers.conf(5). podman asks for more open files and processes than the hard
 * limits allow, and without CAP_SYS_RESOURCE no container starts then ("error setting rlimit type
 * 7"); so the limits found are written down.
 */
export function podmanConfigText({ runtime, cgroupManager, limits }: PodmanSettings): string {
  const ulimits = [`"nofile=${limits.nofile}:${limits.nofile}"`, `"nproc=${limits.nproc}:${limits.nproc}"`];
  return [
    "# Made by drydock, for drydock alone; made anew whenever podman does not work with its own settings.",
    "[containers]",
    `default_ulimits = [${ulimits.join(", ")}]`,
    "[engine]",
    ...(runtime ? [`runtime = "${runtime}"`] : []),
    ...(cgroupManager ? [`cgroup_manager = "${cgroupManager}"`] : []),
    "",
  ].join("\n");
}

/**
 * The settings to try when podman's own do not work, the least intrusive first; `runtimes` are
 * those installed.
 */
export function settingsToTry(limits: HardLimits, runtimes: readonly string[]): PodmanSettings[] {
  const cgroupfs = { cgroupManager: "cgroupfs", limits } as const;
  return [{ limits }, cgroupfs, ...runtimes.map((runtime) => ({ ...cgroupfs, runtime }))];
}

/** Where the settings of this installation are kept, where podman does not work with its own. */
export function podmanConfigPath({ dataDir }: Pick<Config, "dataDir">): string {
  return join(dataDir, "containers.conf");
}

/** Writes the file whole or not at all. */
export async function writePodmanConfig(path: string, settings: PodmanSettings): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, podmanConfigText(settings));
  await rename(unfinished, path);
}
