import type { Engine } from "../engine/engine.ts";
import { listContainers, type NodeContainer } from "./engine-objects.ts";
import { execInContainer } from "./exec.ts";

export interface SandboxUsage {
  id: string;
  /**
   * What the kernel could not take back without swapping or killing: all memory of its groups less
   * inactive file cache. Frozen: with all cache.
   */
  memoryBytes: number;
  /**
   * Written layers and /var of its hosts; undefined while it is frozen, when nobody can look into
   * it.
   */
  diskBytes: number | undefined;
}

/** Runs in the host: bytes in memory, of inactive file cache (cgroup v1, then v2), and in /var. */
const MEASURE = `
cat /sys/fs/cgroup/memory/memory.usage_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.current
cat /sys/fs/cgroup/memory/memory.stat /sys/fs/cgroup/memory.stat 2>/dev/null | awk '/^(total_)?inactive_file /{v[$1]=$2} END{print ("total_inactive_file" in v) ? v["total_inactive_file"] : v["inactive_file"]}'
du -sxB1 /var | cut -f1`;

/**
 * Memory and disk of every sandbox of an installation; those that go away meanwhile count as
 * nothing.
 */
export async function measureUsage(engine: Engine, installation: string): Promise<SandboxUsage[]> {
  const containers = await listContainers(engine, { installation });
  const ids = [...new Set(containers.map(({ sandboxId }) => sandboxId))];
  return Promise.all(
    ids.map((id) =>
      measureSandbox(
        engine,
        id,
        containers.filter(({ sandboxId }) => sandboxId === id),
      ),
    ),
  );
}

async function measureSandbox(engine: Engine, id: string, containers: readonly NodeContainer[]): Promise<SandboxUsage> {
  const hosts = await Promise.all(
    containers.map((one) => (one.status === "running" ? measureRunning(engine, one.name) : measureFrozen(engine, one.name))),
  );
  const disks = hosts.map(({ diskBytes }) => diskBytes).filter((bytes) => bytes !== undefined);
  return {
    id,
    memoryBytes: sum(hosts.map(({ memoryBytes }) => memoryBytes)),
    diskBytes: disks.length === hosts.length ? sum(disks) : undefined,
  };
}

type HostUsage = Omit<SandboxUsage, "id">;

async function measureRunning(engine: Engine, container: string): Promise<HostUsage> {
  const [inside, layer] = await Promise.all([
    execInContainer(engine, container, ["/bin/sh", "-c", MEASURE], { timeoutMs: 30_000 }),
    engine.tryRun(["container", "inspect", "--size", "--format", "{{.SizeRw}}", container]),
  ]);
  const [memory = 0, cache = 0, volume = 0] = inside.stdout.trim().split("\n").map(Number);
  return { memoryBytes: memory - cache, diskBytes: volume + (Number(layer.stdout) || 0) };
}

async function measureFrozen(engine: Engine, container: string): Promise<HostUsage> {
  const { stdout } = await engine.tryRun(["stats", "--no-stream", "--format", "{{.MemUsage}}", container]);
  return { memoryBytes: parseBytes(stdout.split("/")[0] ?? ""), diskBytes: undefined };
}

const UNITS: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Bytes in what engines print: `604.5MB` (podman), `576.4MiB` (docker). 0 for anything else. */
export function parseBytes(text: string): number {
  const match = /^\s*([\d.]+)\s*([A-Za-z]+)\s*$/.exec(text);
  return Math.round(Number(match?.[1] ?? 0) * (UNITS[match?.[2] ?? ""] ?? 0));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
