import { expect, test } from "vitest";
import type { AskHost, RunningContainer } from "../observer/index.ts";
import type { Kube } from "./kube/kube.ts";
import { KubeError } from "./kube/transport.ts";
import type { Deployment, Pod } from "./kube/types.ts";
import { createRollouts } from "./rollout.ts";
import { createRuntime } from "./runtime.ts";

const UID = "2afdcc55-d219-4ca1-aacb-87cd0895464b";
const ID = "a".repeat(64);

const pod = (change: { node?: string; uid?: string; name?: string; ready?: string; spec?: object } = {}): Pod =>
  ({
    metadata: {
      name: change.name ?? "web-1",
      namespace: "shop",
      uid: change.uid ?? UID,
      labels: { app: "web", "pod-template-hash": "x" },
    },
    spec: { nodeName: change.node ?? "node01", containers: [{ name: "web", image: "nginx:1.27" }], ...change.spec },
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: change.ready ?? "True" }],
      containerStatuses: [{ name: "web", containerID: `containerd://${ID}`, state: { running: {} } }],
    },
  }) as unknown as Pod;

const container = (change: Partial<RunningContainer> = {}): RunningContainer => ({
  ...{ id: ID, pod: UID, sandbox: false, namespace: "shop", podName: "web-1", name: "web", programs: ["nginx"], ageMs: 1 },
  ...change,
});

/** A cluster of controlplane and node01 with these containers and this kubelet, on node01. */
function cluster(containers: RunningContainer[], kubelet: Pod[] | Error = [pod()], pods: Pod[] = [pod()]) {
  const ask: AskHost = async (host) => (host === "node01" ? containers : []) as never;
  const kube = {
    pods: async () => pods,
    kubeletPods: async (host: string) => {
      if (kubelet instanceof Error) throw kubelet;
      return host === "node01" ? kubelet : [];
    },
  } as unknown as Kube;
  const runtime = createRuntime(kube, ask, ["controlplane", "node01"]);
  return { runtime, rollouts: createRollouts(kube, runtime) };
}

test("a pod runs whose node is a host, whose kubelet has it, and whose containers have processes", async () => {
  const { runtime } = cluster([container()]);
  expect(await runtime.whyNotRunning(pod())).toBeUndefined();
  expect(await runtime.running([pod(), pod({ node: "node02" })])).toHaveLength(1);
});

test.each<[string, Pod, RunningContainer[], Pod[] | Error, string]>([
  ["on a Node that is no host", pod({ node: "node02" }), [container()], [pod()], "node02, which is no machine"],
  ["of which no process runs", pod(), [], [pod()], "container web of web-1 does not run"],
  ["whose container belongs to another pod", pod(), [container({ pod: "another" })], [pod()], "does not run"],
  ["that only its network's container is left of", pod(), [container({ sandbox: true })], [pod()], "does not run"],
  ["that the kubelet does not have", pod(), [container()], [], "the kubelet of node01 does not have web-1"],
  ["beside a dead kubelet", pod(), [container()], new KubeError("GET", 503, "", ""), "the kubelet of node01 does not answer"],
])("a pod %s does not run", async (_, asked, containers, kubelet, why) => {
  expect((await cluster(containers, kubelet).runtime.whyNotRunning(asked))?.en).toContain(why);
});

test("a pod of the grader's that does not start is a failure where none could, an error elsewhere", async () => {
  const dead = cluster([], new KubeError("GET", 503, "", "")).runtime;
  const scheduler = { podName: "kube-scheduler-node01", namespace: "kube-system", pod: "0123456789abcdef0123456789abcdef" };
  const waiting = pod({ spec: { nodeName: undefined } });
  expect(await cluster([container(scheduler)]).runtime.notStarted(waiting, "no start")).toEqual(new Error("no start"));
  expect(await cluster([]).runtime.notStarted(waiting, "no start")).toMatchObject({
    verdict: { found: { en: "no kube-scheduler runs" } },
  });
  expect(await dead.notStarted(pod(), "no start")).toMatchObject({
    name: "StateFailure",
    verdict: { expected: { en: "new pods start on node01" }, found: { en: "the kubelet of node01 does not answer" } },
  });
  expect(await dead.notStarted(undefined, "no start")).toEqual(new Error("no start"));
  expect(await cluster([]).runtime.notStarted(pod(), "no start")).toEqual(new Error("no start"));
});

test("a cluster that cannot be asked is no answer", async () => {
  await expect(
    cluster([container()], new Error("the API server does not answer")).runtime.whyNotRunning(pod()),
  ).rejects.toThrow();
});

test("a static pod is known by the uid that its kubelet made, not by what it says of itself", async () => {
  const file = container({
    pod: "0123456789abcdef0123456789abcdef",
    namespace: "kube-system",
    podName: "etcd-node01",
    name: "etcd",
  });
  const { runtime } = cluster([file, container({ podName: "etcd-node01", namespace: "kube-system", id: "b".repeat(64) })]);
  expect(await runtime.staticPod("node01", "etcd", "kube-system")).toEqual([file]);
});

const deployment = (status: object = {}): Deployment =>
  ({
    metadata: { name: "web", namespace: "shop", generation: 2 },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "nginx:1.27" }] } },
    },
    status: { observedGeneration: 2, replicas: 1, updatedReplicas: 1, availableReplicas: 1, ...status },
  }) as unknown as Deployment;

test("a Deployment is rolled out whose pods are of its template and run", async () => {
  expect(await cluster([container()]).rollouts.whyNotRolledOut(deployment())).toBeUndefined();
});

const hooked = pod({
  spec: { containers: [{ name: "web", image: "nginx:1.27", lifecycle: { preStop: { sleep: { seconds: 9 } } } }] },
});
const extra = pod({ name: "web-2", uid: "another" });

test.each<[string, Deployment, Pod[], string]>([
  ["whose latest version was not seen", deployment({ observedGeneration: 1 }), [pod()], "has not seen"],
  ["with fewer replicas", deployment({ availableReplicas: 0 }), [pod()], "0 available"],
  ["with a pod too many", deployment(), [pod(), extra], "2 pods of web where 1"],
  ["with no pod, whatever its status says", deployment(), [], "0 pods of web where 1"],
  ["with a pod that is not ready", deployment(), [pod({ ready: "False" })], "web-1 is not ready"],
  ["with a pod of another template", deployment(), [hooked], "spec.containers[0].lifecycle was added"],
  ["with a pod on a made up Node", deployment(), [pod({ node: "node02" })], "no machine"],
])("a Deployment %s is not rolled out", async (_, asked, pods, why) => {
  expect((await cluster([container()], [pod()], pods).rollouts.whyNotRolledOut(asked))?.en).toContain(why);
});
