import type { Node, Pod } from "./types.ts";

/**
 * Waiting reasons of a container that is on its way; all others (CrashLoopBackOff, ErrImagePull …)
 * are where it will stay.
 */
const STARTING = new Set(["ContainerCreating", "PodInitializing", ""]);
/** How long a container that has just started may be unready and still count as on its way. */
const WARM_UP_MS = 15_000;
/** A startup probe or the delay of a readiness probe makes that longer, up to this. */
const LONGEST_WARM_UP_MS = 120_000;
/** How long a pod may be created or ended before it counts as stuck. */
const STUCK_MS = 60_000;

/**
 * Whether a pod is still on its way to what it will be: being scheduled, started, warmed up or
 * ended. `nowMs` is the API server's clock.
 */
export function podInTransition(pod: Pod, nowMs: number): boolean {
  const sinceMs = (time: string | undefined) => (time ? nowMs - Date.parse(time) : 0);
  // The deletion timestamp is when the grace period ends.
  if (pod.metadata.deletionTimestamp) return sinceMs(pod.metadata.deletionTimestamp) < STUCK_MS;
  if (pod.status.phase === "Succeeded" || pod.status.phase === "Failed") return false;
  const containers = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  if (pod.status.phase === "Pending") {
    const scheduled = pod.status.conditions?.find((one) => one.type === "PodScheduled");
    if (scheduled?.status === "False") return false;
    const stays = containers.some((one) => !STARTING.has(one.state?.waiting?.reason ?? ""));
    return !stays && sinceMs(pod.metadata.creationTimestamp) < STUCK_MS;
  }
  return containers.some((one) => {
    // One that ended for the first time is about to be started again; one that does so over and
    // over is no longer on its way anywhere.
    if (one.state?.terminated) return one.restartCount === 0 && sinceMs(one.state.terminated.finishedAt) < 2000;
    return (
      !one.ready &&
      one.restartCount === 0 &&
      one.state?.running !== undefined &&
      sinceMs(one.state.running.startedAt) < warmUpMs(pod, one.name)
    );
  });
}

/** How long a container may be unready after its start, by its own probes. */
function warmUpMs({ spec }: Pod, name: string): number {
  const container = [...(spec.initContainers ?? []), ...spec.containers].find((one) => one.name === name);
  const { startupProbe: startup, readinessProbe: readiness } = container ?? {};
  const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 } = startup ?? {};
  const startupSeconds = startup ? initialDelaySeconds + periodSeconds * failureThreshold : 0;
  const probesMs = 1000 * (startupSeconds + (readiness?.initialDelaySeconds ?? 0));
  return Math.min(WARM_UP_MS + probesMs, LONGEST_WARM_UP_MS);
}

/**
 * Whether a node has become unready a moment ago, as it does for a while after a cluster stood
 * still.
 */
export function nodeInTransition({ status }: Node, nowMs: number): boolean {
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  return ready !== undefined && ready.status !== "True" && nowMs - Date.parse(ready.lastTransitionTime ?? "") < STUCK_MS;
}

interface Workload {
  metadata: { generation?: number };
  spec: object;
  status: object;
}
interface Spec {
  replicas?: number;
  paused?: boolean;
}
interface Status {
  observedGeneration?: number;
  replicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  desiredNumberScheduled?: number;
  currentNumberScheduled?: number;
  conditions?: { type: string; status: string; reason?: string; lastUpdateTime?: string }[];
}

/**
 * Whether a workload's controller is still acting: its latest version not seen yet, fewer pods than
 * asked for with nothing in their way, ready pods that wait for minReadySeconds, a rollout that
 * moved a moment ago.
 */
export function workloadInTransition(workload: Workload, nowMs: number): boolean {
  const spec = workload.spec as Spec;
  const status = workload.status as Status;
  if ((status.observedGeneration ?? 0) < (workload.metadata.generation ?? 0)) return true;
  const condition = (type: string) => status.conditions?.find((one) => one.type === type);
  if (condition("ReplicaFailure")?.status === "True" || spec.paused) return false;
  if (status.desiredNumberScheduled !== undefined) return (status.currentNumberScheduled ?? 0) !== status.desiredNumberScheduled;
  if ((status.availableReplicas ?? 0) < (status.readyReplicas ?? 0)) return true;
  if (spec.replicas !== undefined && (status.replicas ?? 0) < spec.replicas) return true;
  const progress = condition("Progressing");
  const moved = progress?.lastUpdateTime && nowMs - Date.parse(progress.lastUpdateTime) < WARM_UP_MS;
  return Boolean(moved && progress.status === "True" && progress.reason === "ReplicaSetUpdated");
}
