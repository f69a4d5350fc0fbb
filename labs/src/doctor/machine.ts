import { existsSync } from "node:fs";
import { mkdir, statfs } from "node:fs/promises";
import { availableParallelism, freemem, totalmem } from "node:os";
import type { Config } from "../config.ts";
import { proxySettings } from "../proxy.ts";
import { missing, ok, warning, type Finding } from "./finding.ts";

const GIB = 1024 ** 3;
const gib = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`;
/** The node image and its cache, with room for some sandboxes. */
const DISK_BYTES = 12 * GIB;
const LEAST_DISK_BYTES = 3 * GIB;
/** A sandbox of two nodes takes less than 0.9 GiB, the server 0.2. */
const MEMORY_BYTES = 2 * GIB;

/** @param version as process.versions.node has it */
export function judgeNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  return enough ? ok("Node.js", version) : missing("Node.js", version, "Install Node.js 20.19 or newer");
}

/** Space where the data directory is, in bytes. */
export function judgeDisk(freeBytes: number): Finding {
  const found = `${gib(freeBytes)} free`;
  if (freeBytes < LEAST_DISK_BYTES)
    return missing("Disk", found, `Free at least ${gib(LEAST_DISK_BYTES)} where the data directory is`);
  return freeBytes < DISK_BYTES
    ? warning("Disk", found, `Building the node image needs about ${gib(DISK_BYTES)}`)
    : ok("Disk", found);
}

export function judgeMemory(availableBytes: number, totalBytes: number): Finding {
  const found = `${gib(availableBytes)} available of ${gib(totalBytes)}`;
  if (totalBytes < MEMORY_BYTES) return missing("Memory", found, `A sandbox needs a machine with at least ${gib(MEMORY_BYTES)}`);
  return availableBytes < MEMORY_BYTES
    ? warning("Memory", found, "Close other programs before starting a sandbox")
    : ok("Memory", found);
}

/** The machine's proxy, and what it is used for; none where there is none. */
export function judgeProxy(env: NodeJS.ProcessEnv): Finding[] {
  const names = Object.keys(proxySettings(env));
  if (names.length === 0) return [];
  return [
    ok(
      "Proxy",
      `${names.join(", ")}: used to build the node image and to fetch what it is made of; the nodes of sandboxes get none of it`,
    ),
  ];
}

/** What this machine itself has, whatever runs on it. */
export async function examineMachine(config: Config): Promise<Finding[]> {
  return [
    judgeNode(process.versions.node),
    ok("Processors", String(availableParallelism())),
    judgeMemory(freemem(), totalmem()),
    await examineDisk(config),
    ...examineCgroups(),
    ...judgeProxy(process.env),
  ];
}

async function examineDisk(config: Config): Promise<Finding> {
  try {
    await mkdir(config.dataDir, { recursive: true });
    const { bavail, bsize } = await statfs(config.dataDir);
    return judgeDisk(bavail * bsize);
  } catch (error) {
    return missing(
      "Disk",
      (error as Error).message,
      `Make the data directory writable (${config.dataDir}), or set DRYDOCK_HOME to one that is`,
    );
  }
}

function examineCgroups(): Finding[] {
  if (process.platform !== "linux") return [];
  if (existsSync("/sys/fs/cgroup/cgroup.controllers")) return [ok("cgroups", "v2")];
  if (existsSync("/sys/fs/cgroup/memory")) return [ok("cgroups", "v1")];
  return [missing("cgroups", "none mounted", "Mount /sys/fs/cgroup (a container needs it read-write)")];
}
