import { setTimeout as sleep } from "node:timers/promises";
import { readClusterAccess } from "../checks/kubeconfig.ts";
import { createTransport, type Transport } from "../checks/kube/transport.ts";
import type { Engine } from "../engine/engine.ts";
import { DrydockError } from "../errors.ts";
import { listContainers } from "./engine-objects.ts";
import { execInContainer } from "./exec.ts";
import { containerName } from "./names.ts";
import { TOPOLOGIES, type Topology } from "./provider.ts";

/*
 * Clocks go on while a sandbox is frozen, and whoever looks at one first when it goes on draws
 * wrong conclusions:
 *
 * - A kubelet that reports its node before it has asked its runtime again calls that dead
 *   (pkg/kubelet/runtime.go, after 30 s), and says so for 10 s, until its next report.
 * - The node lifecycle controller (pkg/controller/nodelifecycle) calls a node dead whose last sign
 *   of life is older than 50 s, before the kubelet could give a new one.
 * - Controller manager and scheduler exit when one renewal of their leadership (every 2 s, some ms
 *   long) takes more than 10 s.
 *
 * So these two are stopped before the rest, in between two renewals, and go on after it, when every
 * kubelet has reported, what it said wrongly is put right, and every heartbeat is new (a node that
 * was changed meanwhile is looked at once more before it is called dead).
 */
const LEADERS = "kube-controller|kube-scheduler";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces";
const RENEWED_EVERY_MS = 2000;
/** How long after its time a renewal may still be under way. */
const RENEWAL_MS = 100;
/** On a machine so busy that stopping them takes longer than a quiet time lasts. */
const STOP_TRIES = 3;
const API_DEADLINE_MS = 30_000;
/**
 * A kubelet renews its node's lease every 10 s, so at once after a longer time; one that does not
 * so soon is not there.
 */
const KUBELET_RENEWS_EVERY_MS = 10_000;
const KUBELET_DEADLINE_MS = 3000;
/**
 * A kubelet that has renewed its lease reports its node at the same time, which takes it longer:
 * this at least, and as long as the renewal took on a machine that is busy.
 */
const REPORT_MS = 400;
/** Most have reported by then: whoever waits for the thaw sees nodes that are ready. */
const FIRST_REPORT_MS = 100;
const PAUSE_MS = 25;

/** Stops all processes of the sandbox where they are; does nothing to what is frozen already. */
export async function freezeSandbox(engine: Engine, id: string, topology: Topology, kubeconfigPath: string): Promise<void> {
  await settling.get(id);
  const containers = await listContainers(engine, { sandboxId: id });
  const names = containers.filter(({ status }) => status === "running").map(({ name }) => name);
  if (names.length === 0) return;
  if (names.length === containers.length) await stopLeaders(engine, id, topology, kubeconfigPath);
  await engine.run(["pause", ...names]);
}

/** What is still being put right after a thaw, by sandbox. */
const settling = new Map<string, Promise<void>>();

/**
 * Lets the sandbox go on and waits until its API server answers and its kubelets are at work;
 * controller manager and scheduler follow within half a second. Puts right, too, what was left half
 * frozen or half thawed.
 * @throws DrydockError `sandbox.api-silent` where the API server does not answer within 30 s: the
 * sandbox goes on all the same
 */
export async function thawSandbox(engine: Engine, id: string, topology: Topology, kubeconfigPath: string): Promise<void> {
  await unpause(engine, id, topology);
  const api = createTransport(await readClusterAccess(kubeconfigPath));
  const goOn = async () => {
    api.close();
    await signalLeaders(engine, id, topology, "CONT");
  };
  const began = Date.now();
  let sinceMs: number;
  try {
    await untilKubeletsWork(api);
    sinceMs = api.now() - (Date.now() - began);
    await sleep(FIRST_REPORT_MS);
    await putRight(api, sinceMs);
  } catch (error) {
    await goOn();
    throw error;
  }
  const settled = keepRight(api, sinceMs, Math.max(REPORT_MS, Date.now() - began))
    .catch(() => undefined)
    .then(goOn)
    // Only a sandbox that is gone meanwhile, or was paused by somebody else, cannot be told to go
    // on.
    .catch(() => undefined)
    .finally(() => settling.delete(id));
  settling.set(id, settled);
}

/** Both are paused as a rule, so they are not asked before. */
async function unpause(engine: Engine, id: string, topology: Topology): Promise<void> {
  const all = TOPOLOGIES[topology].map((host) => containerName(id, topology, host)!);
  if ((await engine.tryRun(["unpause", ...all])).exitCode === 0) return;
  const paused = (await listContainers(engine, { sandboxId: id })).filter(({ status }) => status === "paused");
  if (paused.length > 0) await engine.run(["unpause", ...paused.map(({ name }) => name)]);
}

/** Sends a signal to controller manager and scheduler; those that are not there need none. */
async function signalLeaders(engine: Engine, id: string, topology: Topology, signal: "STOP" | "CONT"): Promise<void> {
  const controlplane = containerName(id, topology, TOPOLOGIES[topology][0])!;
  await execInContainer(engine, controlplane, ["/usr/bin/pkill", `-${signal}`, "-x", LEADERS]);
}

/**
 * Stops controller manager and scheduler while neither renews its leadership. Where nobody says
 * when that is (a learner's API server is down), any moment will do.
 */
async function stopLeaders(engine: Engine, id: string, topology: Topology, kubeconfigPath: string): Promise<void> {
  const api = createTransport(await readClusterAccess(kubeconfigPath));
  try {
    for (let tries = STOP_TRIES; tries > 0; tries--) {
      const leases = await readLeases(api, "kube-system").catch(() => []);
      const renewals = leases
        .filter(({ metadata }) => ["kube-controller-manager", "kube-scheduler"].includes(metadata.name))
        .map(({ spec }) => Date.parse(spec.renewTime ?? ""));
      const { inMs, lengthMs } = quietTime(renewals.filter(Number.isFinite), api.now());
      await sleep(inMs);
      const began = Date.now();
      await signalLeaders(engine, id, topology, "STOP");
      if (Date.now() - began < lengthMs || tries === 1) return;
      await signalLeaders(engine, id, topology, "CONT");
    }
  } finally {
    api.close();
  }
}

/**
 * When the longest time without a renewal begins, and how long it is. `renewals`: when each was
 * renewed last, by the clock of `now`.
 */
export function quietTime(renewals: readonly number[], now: number): { inMs: number; lengthMs: number } {
  const until = (moment: number, from: number) => (((moment - from) % RENEWED_EVERY_MS) + RENEWED_EVERY_MS) % RENEWED_EVERY_MS;
  const times = renewals.map((renewed) => {
    const begin = renewed + RENEWAL_MS;
    return { inMs: until(begin, now), lengthMs: Math.min(...renewals.map((other) => until(other, begin))) };
  });
  return times.sort((a, b) => b.lengthMs - a.lengthMs)[0] ?? { inMs: 0, lengthMs: Infinity };
}

interface Lease {
  metadata: { name: string };
  spec: { renewTime?: string };
}

interface NodeObject {
  metadata: { name: string };
  status: { conditions?: { type: string; status: string; reason?: string; lastTransitionTime?: string }[] };
}

async function readLeases(api: Transport, namespace: string): Promise<Lease[]> {
  const { text } = await api.call("GET", `${LEASES}/${namespace}/leases`, { timeoutMs: 2000 });
  return (JSON.parse(text) as { items: Lease[] }).items;
}

async function readNodes(api: Transport): Promise<NodeObject[]> {
  const { text } = await api.call("GET", "/api/v1/nodes", { timeoutMs: 2000 });
  return (JSON.parse(text) as { items: NodeObject[] }).items;
}

/**
 * Waits for the API server, and for every kubelet of a node that counts as ready to renew its
 * lease; not long for the latter, as a learner may have stopped one.
 */
async function untilKubeletsWork(api: Transport): Promise<void> {
  const began = Date.now();
  for (;;) {
    try {
      const [nodes, leases] = await Promise.all([readNodes(api), readLeases(api, "kube-node-lease")]);
      const works = ({ metadata: { name } }: NodeObject) => {
        const renewed = leases.find((lease) => lease.metadata.name === name)?.spec.renewTime ?? "";
        return api.now() - Date.parse(renewed) < KUBELET_RENEWS_EVERY_MS;
      };
      if (nodes.filter((node) => readyCondition(node)?.status === "True").every(works)) return;
      if (Date.now() - began > KUBELET_DEADLINE_MS) return;
    } catch (cause) {
      if (Date.now() - began > API_DEADLINE_MS) {
        const message = `The API server does not answer within ${API_DEADLINE_MS / 1000} s`;
        throw new DrydockError("sandbox.api-silent", message, { cause });
      }
    }
    await sleep(PAUSE_MS);
  }
}

/**
 * Puts right what kubelets reported, since then, of the time in which they were frozen. Returns the
 * nodes as they were.
 */
async function putRight(api: Transport, sinceMs: number): Promise<NodeObject[]> {
  const nodes = await readNodes(api);
  const now = new Date(api.now()).toISOString();
  const wrong = nodes.filter((node) => fellSince(node, sinceMs));
  await Promise.all(wrong.map((node) => patchReady(api, node, { ...READY, lastTransitionTime: now, lastHeartbeatTime: now })));
  return nodes;
}

/**
 * The same for as long as such reports may come; then every ready node gets a heartbeat of that
 * moment.
 */
async function keepRight(api: Transport, sinceMs: number, forMs: number): Promise<void> {
  const end = Date.now() + forMs;
  let nodes = await putRight(api, sinceMs);
  for (; Date.now() < end; await sleep(PAUSE_MS)) nodes = await putRight(api, sinceMs);
  const lastHeartbeatTime = new Date(api.now()).toISOString();
  const ready = nodes.filter((node) => readyCondition(node)?.status === "True");
  await Promise.all(ready.map((node) => patchReady(api, node, { lastHeartbeatTime })));
}

/** What a kubelet says of a node that is ready (pkg/kubelet/nodestatus). */
const READY = { status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" };

function readyCondition({ status }: NodeObject) {
  return status.conditions?.find(({ type }) => type === "Ready");
}

/** Whether its kubelet has called it unready since then. */
function fellSince(node: NodeObject, sinceMs: number): boolean {
  const { status, reason, lastTransitionTime = "" } = readyCondition(node) ?? {};
  // Such times are whole seconds.
  return status === "False" && reason === "KubeletNotReady" && Date.parse(lastTransitionTime) >= sinceMs - 1000;
}

async function patchReady(api: Transport, { metadata }: NodeObject, change: object): Promise<void> {
  const body = { status: { conditions: [{ type: "Ready", ...change }] } };
  await api.call("PATCH", `/api/v1/nodes/${metadata.name}/status`, {
    body,
    contentType: "application/strategic-merge-patch+json",
  });
}
