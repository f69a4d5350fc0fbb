import { describe, expect, it } from "vitest";
import { nodeInTransition, podInTransition, workloadInTransition } from "./transition.ts";
import type { Node, Pod } from "./types.ts";

const NOW = Date.parse("2026-11-21T10:00:00Z");
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();
const pod = (status: object, metadata: object = {}): Pod =>
  ({ metadata: { creationTimestamp: ago(5), ...metadata }, spec: { containers: [] }, status }) as unknown as Pod;
const running = (seconds: number, more: object = {}) => ({
  phase: "Running",
  containerStatuses: [{ ready: false, restartCount: 0, state: { running: { startedAt: ago(seconds) } }, ...more }],
});
/** A pod whose container has run for a minute and is not ready, with probes. */
const probed = (probes: object): Pod => {
  const status = { ...running(60).containerStatuses[0], name: "web" };
  return { ...pod({ phase: "Running", containerStatuses: [status] }), spec: { containers: [{ name: "web", ...probes }] } } as Pod;
};
const ended = (restartCount: number) => ({ ready: false, restartCount, state: { terminated: { finishedAt: ago(1) } } });
const waiting = (reason: string) => ({
  phase: "Pending",
  containerStatuses: [{ ready: false, restartCount: 0, state: { waiting: { reason } } }],
});

describe("podInTransition", () => {
  it.each([
    ["just created", pod({ phase: "Pending" }), true],
    ["its container is being made", pod(waiting("ContainerCreating")), true],
    ["started a moment ago, not ready yet", pod(running(3)), true],
    ["being ended", pod(running(300), { deletionTimestamp: ago(-20) }), true],
    ["ready", pod(running(3, { ready: true })), false],
    ["unready for long", pod(running(60)), false],
    [
      "unready for long, but its readiness probe has begun a moment ago",
      probed({ readinessProbe: { initialDelaySeconds: 60 } }),
      true,
    ],
    ["unready for long, but its startup probe may take its time", probed({ startupProbe: { failureThreshold: 6 } }), true],
    ["unready for longer than its startup probe takes", probed({ startupProbe: { periodSeconds: 5 } }), false],
    ["restarted and unready", pod(running(3, { restartCount: 2 })), false],
    ["ended for the first time, a moment ago", pod({ phase: "Running", containerStatuses: [ended(0)] }), true],
    ["ended a moment ago, as before", pod({ phase: "Running", containerStatuses: [ended(3)] }), false],
    ["its image can't be pulled", pod(waiting("ImagePullBackOff")), false],
    [
      "crashing",
      pod({
        phase: "Running",
        containerStatuses: [{ ready: false, restartCount: 4, state: { waiting: { reason: "CrashLoopBackOff" } } }],
      }),
      false,
    ],
    ["no node fits it", pod({ phase: "Pending", conditions: [{ type: "PodScheduled", status: "False" }] }), false],
    ["being created for long", pod(waiting("ContainerCreating"), { creationTimestamp: ago(90) }), false],
    ["stuck at its end", pod(running(300), { deletionTimestamp: ago(90) }), false],
    ["done", pod({ phase: "Succeeded" }), false],
  ])("%s", (_name, one, expected) => expect(podInTransition(one, NOW)).toBe(expected));
});

describe("nodeInTransition", () => {
  const node = (status: string, seconds: number) =>
    ({ status: { conditions: [{ type: "Ready", status, lastTransitionTime: ago(seconds) }] } }) as unknown as Node;
  it.each([
    ["ready", node("True", 1), false],
    ["unready for a moment", node("Unknown", 5), true],
    ["unready for long", node("Unknown", 90), false],
  ])("%s", (_name, one, expected) => expect(nodeInTransition(one, NOW)).toBe(expected));
});

describe("workloadInTransition", () => {
  const workload = (spec: object, status: object, generation = 1) => ({
    metadata: { generation },
    spec,
    status: { observedGeneration: 1, ...status },
  });
  it.each([
    ["its latest version not seen yet", workload({ replicas: 1 }, { replicas: 1 }, 2), true],
    ["fewer pods than asked for", workload({ replicas: 3 }, { replicas: 1 }), true],
    ["ready pods wait for minReadySeconds", workload({ replicas: 1 }, { replicas: 1, readyReplicas: 1 }), true],
    [
      "a rollout moved a moment ago",
      workload(
        { replicas: 1 },
        {
          replicas: 1,
          conditions: [{ type: "Progressing", status: "True", reason: "ReplicaSetUpdated", lastUpdateTime: ago(4) }],
        },
      ),
      true,
    ],
    [
      "a rollout has not moved for long",
      workload(
        { replicas: 1 },
        {
          replicas: 1,
          conditions: [{ type: "Progressing", status: "True", reason: "ReplicaSetUpdated", lastUpdateTime: ago(40) }],
        },
      ),
      false,
    ],
    [
      "pods are refused (quota)",
      workload({ replicas: 3 }, { replicas: 1, conditions: [{ type: "ReplicaFailure", status: "True" }] }),
      false,
    ],
    ["a paused rollout", workload({ replicas: 3, paused: true }, { replicas: 1 }), false],
    ["all there", workload({ replicas: 1 }, { replicas: 1, readyReplicas: 1, availableReplicas: 1 }), false],
    ["a DaemonSet on its way", workload({}, { desiredNumberScheduled: 2, currentNumberScheduled: 1 }), true],
    ["a DaemonSet in place", workload({}, { desiredNumberScheduled: 2, currentNumberScheduled: 2 }), false],
  ])("%s", (_name, one, expected) => expect(workloadInTransition(one, NOW)).toBe(expected));
});
