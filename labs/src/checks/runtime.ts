import type { AskHost, RunningContainer } from "../observer/index.ts";
import type { Text } from "../scenarios/schema.ts";
import { KubeError } from "./kube/transport.ts";
import type { Kube } from "./kube/kube.ts";
import type { Pod } from "./kube/types.ts";
import { runningContainers } from "./net.ts";
import { StateFailure } from "./verdict.ts";

export type { RunningContainer } from "../observer/index.ts";

/** How long an answer about a host holds: checks that run side by side look at it together. */
const FRESH_MS = 250;

/**
 * What really runs on the sandbox's hosts, seen from outside. Statuses in the API may be stale
 * (after a restore, beside a kubelet that is dead) or written by hand: what counts on a pod being
 * there, or gone, asks here.
 */
export interface Runtime {
  /**
   * The containers of a host in which a process lives, without those that only hold a pod's
   * network.
   */
  containers(host: string): Promise<RunningContainer[]>;
  /**
   * The containers of a static pod that run on a host: its kubelet made them from a file. `pod` is
   * the name in the file.
   */
  staticPod(host: string, pod: string, namespace?: string): Promise<RunningContainer[]>;
  /**
   * Why a pod that its status calls running does not run, or undefined where it does: its node is a
   * host of the sandbox, the kubelet there answers and has it, and each of its containers that the
   * status calls running has a process.
   */
  whyNotRunning(pod: Pod): Promise<Text | undefined>;
  /** Those of the pods that run, see {@link whyNotRunning}. */
  running(pods: readonly Pod[]): Promise<Pod[]>;
  /**
   * What a check throws for a pod of the grader's own that does not start: a failure where no pod
   * could start, with no scheduler, or on a node whose kubelet does not answer; otherwise an error
   * with these words, as nothing says that the learner is the reason.
   */
  notStarted(pod: Pod | undefined, words: string): Promise<Error>;
}

export function createRuntime(kube: Kube, ask: AskHost, hosts: readonly string[]): Runtime {
  const containersOf = perHost((host) => ask(host, { ask: "containers" }));
  const podsOf = perHost((host) =>
    kube.kubeletPods(host).catch((error: unknown) => {
      // The API server answers for a kubelet that does not.
      if (error instanceof KubeError) return undefined;
      throw error;
    }),
  );
  const containers = async (host: string) => (await containersOf(host)).filter(({ sandbox }) => !sandbox);

  const whyNotRunning = async (pod: Pod): Promise<Text | undefined> => {
    const { name } = pod.metadata;
    const node = pod.spec.nodeName;
    if (!node) return { en: `${name} is on no node`, ko: `${name}이(가) 어느 노드에도 없음` };
    if (!hosts.includes(node))
      return {
        en: `${name} is on ${node}, which is no machine of this cluster`,
        ko: `${name}이(가) 있는 ${node}은(는) 이 클러스터의 머신이 아님`,
      };
    if (pod.status.phase !== "Running")
      return { en: `${name} is ${pod.status.phase}`, ko: `${name}의 상태가 ${pod.status.phase}` };
    const [known, found] = await Promise.all([podsOf(node), containers(node)]);
    if (!known) return silentKubelet(node);
    const uid = kubeletUid(pod);
    if (!known.some((one) => kubeletUid(one) === uid))
      return { en: `the kubelet of ${node} does not have ${name}`, ko: `${node}의 kubelet에 ${name}이(가) 없음` };
    const living = new Set(found.filter((one) => one.pod === uid).map(({ id }) => id));
    const claimed = runningContainers(pod);
    for (const [id, container] of claimed)
      if (!living.has(id))
        return {
          en: `container ${container} of ${name} does not run`,
          ko: `${name}의 컨테이너 ${container}이(가) 실행되고 있지 않음`,
        };
    return claimed.size > 0
      ? undefined
      : { en: `no container of ${name} runs`, ko: `${name}의 컨테이너가 하나도 실행되고 있지 않음` };
  };

  const staticPod = async (host: string, pod: string, namespace = "default") =>
    (await containers(host)).filter(
      (one) => isStaticUid(one.pod) && one.namespace === namespace && one.podName === `${pod}-${host}`,
    );

  return {
    containers,
    whyNotRunning,
    staticPod,
    async notStarted(pod, words) {
      const nothingSaid = new Error(words);
      if (!pod) return nothingSaid;
      const node = pod.spec.nodeName;
      if (node) {
        if (await podsOf(node)) return nothingSaid;
        return new StateFailure({ en: `new pods start on ${node}`, ko: `${node}에서 새 파드가 시작됨` }, silentKubelet(node));
      }
      const schedulers = await Promise.all(hosts.map((host) => staticPod(host, "kube-scheduler", "kube-system")));
      if (schedulers.flat().length > 0) return nothingSaid;
      return new StateFailure(
        { en: "new pods are scheduled", ko: "새 파드가 스케줄됨" },
        { en: "no kube-scheduler runs", ko: "kube-scheduler가 실행되고 있지 않음" },
      );
    },
    async running(pods) {
      const why = await Promise.all(pods.map(whyNotRunning));
      return pods.filter((_, index) => why[index] === undefined);
    },
  };
}

/**
 * A kubelet makes the uid of a pod that it has from a file itself: an MD5 sum without dashes
 * (pkg/kubelet/config/common.go).
 */
export function isStaticUid(uid: string): boolean {
  return /^[0-9a-f]{32}$/.test(uid);
}

/**
 * The uid by which the kubelet runs a pod: for a static pod that of its file, which its picture in
 * the API (the mirror pod) has in an annotation.
 */
export function kubeletUid({ metadata }: Pod): string {
  return metadata.annotations?.["kubernetes.io/config.mirror"] ?? metadata.uid;
}

function silentKubelet(node: string): Text {
  return { en: `the kubelet of ${node} does not answer`, ko: `${node}의 kubelet이 응답하지 않음` };
}

/** Asks about each host once in {@link FRESH_MS}. */
function perHost<T>(ask: (host: string) => Promise<T>): (host: string) => Promise<T> {
  const known = new Map<string, { at: number; answer: Promise<T> }>();
  return (host) => {
    const last = known.get(host);
    if (last && performance.now() - last.at < FRESH_MS) return last.answer;
    const answer = ask(host);
    known.set(host, { at: performance.now(), answer });
    return answer;
  };
}
