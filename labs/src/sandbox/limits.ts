/**
 * What one host may use of the machine, so that one learner's fork bomb or memory hog is their own.
 */
export interface HostLimits {
  memoryMib: number;
  cpus: number;
  pids: number;
}

/**
 * A control plane idles at about 500 MiB with its etcd and API server; a worker at about 200 MiB,
 * and runs what the tasks make.
 */
const LIMITS: Record<"controlplane" | "worker", HostLimits> = {
  controlplane: { memoryMib: 2560, cpus: 2, pids: 4096 },
  worker: { memoryMib: 2048, cpus: 2, pids: 4096 },
};

/** Weight of a host's processor time against other containers: the engines' default. */
export const CPU_SHARES = 1024;
/** The least that the kernel knows. */
const BACKGROUND_CPU_SHARES = 2;

export function limitsOf(host: string): HostLimits {
  return host === "controlplane" ? LIMITS.controlplane : LIMITS.worker;
}

/**
 * The limits as options of `run`; an engine refuses more CPUs than it has. Swap is none beyond the
 * memory.
 */
export function limitArgs({ memoryMib, cpus, pids }: HostLimits, engineCpus: number, inBackground = false): string[] {
  return [
    ...(inBackground ? [`--cpu-shares=${BACKGROUND_CPU_SHARES}`] : []),
    `--memory=${memoryMib}m`,
    `--memory-swap=${memoryMib}m`,
    `--cpus=${Math.min(cpus, engineCpus)}`,
    `--pids-limit=${pids}`,
  ];
}
