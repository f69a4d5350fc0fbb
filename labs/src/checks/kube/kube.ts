import { createObjects, type ListOptions, type Objects } from "./objects.ts";
import { createProbes, type Probes } from "./probes.ts";
import { createTransport, KubeError, KubeUnreachable, type ClusterAccess } from "./transport.ts";
import { serviceInTransition } from "./routes.ts";
import { nodeInTransition, podInTransition, workloadInTransition } from "./transition.ts";
import { createVerifiedObjects, PROBE_PREFIX } from "./verified.ts";
import type * as T from "./types.ts";

/**
 * The cluster's API for checks: the grader's own credentials and connection, TLS verified, every
 * request with a deadline. Readers of one object answer undefined where it does not exist;
 * namespaces default to `default`, in lists to all.
 * @throws KubeError (refused), KubeUnreachable (no answer)
 */
export interface Kube extends Objects, Probes {
  node(name: string): Promise<T.Node | undefined>;
  nodes(): Promise<T.Node[]>;
  pod(name: string, namespace?: string): Promise<T.Pod | undefined>;
  /** `options.node` keeps those that are bound to this node. */
  pods(options?: ListOptions & { node?: string }): Promise<T.Pod[]>;
  deployment(name: string, namespace?: string): Promise<T.Deployment | undefined>;
  daemonSet(name: string, namespace?: string): Promise<T.DaemonSet | undefined>;
  statefulSet(name: string, namespace?: string): Promise<T.StatefulSet | undefined>;
  replicaSets(options?: ListOptions): Promise<T.ReplicaSet[]>;
  job(name: string, namespace?: string): Promise<T.Job | undefined>;
  service(name: string, namespace?: string): Promise<T.Service | undefined>;
  /** The EndpointSlices of a Service. */
  endpointSlices(service: string, namespace?: string): Promise<T.EndpointSlice[]>;
  events(options?: ListOptions): Promise<T.Event[]>;
  configMap(name: string, namespace?: string): Promise<T.ConfigMap | undefined>;
  /** `data` is base64, as the API sends it. */
  secret(name: string, namespace?: string): Promise<T.Secret | undefined>;
  namespace(name: string): Promise<T.Namespace | undefined>;
  persistentVolumeClaim(name: string, namespace?: string): Promise<T.PersistentVolumeClaim | undefined>;
  /** The log of a container. `previous`: of the one before the last restart. */
  logs(
    pod: string,
    namespace?: string,
    options?: { container?: string; tailLines?: number; previous?: boolean },
  ): Promise<string>;
  /**
   * The configuration with which a node's kubelet runs, from the kubelet itself: its files may have
   * changed since.
   * @throws KubeError where the kubelet does not answer
   */
  kubeletConfig(node: string): Promise<Record<string, unknown>>;
  /**
   * The pods that a node's kubelet has, as it tells itself.
   * @throws KubeError where the kubelet does not answer
   */
  kubeletPods(node: string): Promise<T.Pod[]>;
  /**
   * Whether the API server is there and says that it is ready; never throws. `found` words what was
   * there.
   */
  health(): Promise<{ ready: boolean; found: string }>;
  /**
   * Whether anything is on its way: pods being made, started or ended, controllers that have not
   * seen the latest version, Services whose endpoints changed moments ago, nodes that have just
   * become unready. Without a namespace in all of them, those of the grader left out.
   */
  inTransition(namespace?: string): Promise<boolean>;
  /** The cluster's clock in milliseconds since 1970, to judge ages by. */
  now(): number;
}

/** Makes the client; nothing is sent until something is asked. `close` ends its connections. */
export function createKube(access: ClusterAccess): { kube: Kube; close(): void } {
  const transport = createTransport(access);
  const { objects, verify } = createVerifiedObjects(createObjects(transport));
  const one =
    <O>(apiVersion: string, kind: string) =>
    (name: string, namespace = "default") =>
      objects.get(apiVersion, kind, name, namespace) as Promise<O | undefined>;
  const many = async <O>(apiVersion: string, kind: string, options?: ListOptions) =>
    (await objects.list(apiVersion, kind, options)) as unknown as O[];

  const kube: Kube = {
    ...objects,
    ...createProbes(objects, verify),
    node: one("v1", "Node"),
    nodes: () => many("v1", "Node"),
    pod: one("v1", "Pod"),
    pods: ({ node, ...options } = {}) =>
      many("v1", "Pod", node ? { ...options, fields: join(options.fields, `spec.nodeName=${node}`) } : options),
    deployment: one("apps/v1", "Deployment"),
    daemonSet: one("apps/v1", "DaemonSet"),
    statefulSet: one("apps/v1", "StatefulSet"),
    replicaSets: (options) => many("apps/v1", "ReplicaSet", options),
    job: one("batch/v1", "Job"),
    service: one("v1", "Service"),
    endpointSlices: (service, namespace = "default") =>
      many("discovery.k8s.io/v1", "EndpointSlice", { namespace, labels: `kubernetes.io/service-name=${service}` }),
    events: (options) => many("v1", "Event", options),
    configMap: one("v1", "ConfigMap"),
    secret: one("v1", "Secret"),
    namespace: one("v1", "Namespace"),
    persistentVolumeClaim: one("v1", "PersistentVolumeClaim"),
    now: () => transport.now(),
    async logs(pod, namespace = "default", options = {}) {
      const query = new URLSearchParams({ tailLines: String(options.tailLines ?? 200), limitBytes: "1048576" });
      if (options.container) query.set("container", options.container);
      if (options.previous) query.set("previous", "true");
      const { text } = await transport.call(
        "GET",
        `/api/v1/namespaces/${namespace}/pods/${encodeURIComponent(pod)}/log?${query}`,
      );
      return text;
    },
    async kubeletConfig(node) {
      const { text } = await transport.call("GET", `/api/v1/nodes/${encodeURIComponent(node)}/proxy/configz`);
      return (JSON.parse(text) as { kubeletconfig: Record<string, unknown> }).kubeletconfig;
    },
    async kubeletPods(node) {
      const { text } = await transport.call("GET", `/api/v1/nodes/${encodeURIComponent(node)}/proxy/pods`);
      return (JSON.parse(text) as { items: T.Pod[] | null }).items ?? [];
    },
    async health() {
      try {
        await transport.call("GET", "/readyz", { timeoutMs: 3000 });
        return { ready: true, found: "ok" };
      } catch (error) {
        if (error instanceof KubeError || error instanceof KubeUnreachable) return { ready: false, found: error.message };
        throw error;
      }
    },
    async inTransition(namespace) {
      const workloads = ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"];
      const [nodes, pods, services, slices, ...others] = await Promise.all([
        kube.nodes(),
        kube.pods({ namespace }),
        many<T.Service>("v1", "Service", { namespace }),
        many<T.EndpointSlice>("discovery.k8s.io/v1", "EndpointSlice", { namespace }),
        ...workloads.map((kind) => many<T.Deployment>("apps/v1", kind, { namespace })),
      ]);
      // What other checks try in namespaces of their own is nothing that the learner's state waits
      // for.
      const isLearners = ({ metadata }: { metadata: T.Metadata }) => !metadata.namespace?.startsWith(PROBE_PREFIX);
      const now = transport.now();
      const within = <O extends { metadata: T.Metadata }>(list: O[], { metadata }: { metadata: T.Metadata }) =>
        list.filter((one) => one.metadata.namespace === metadata.namespace);
      return (
        nodes.some((node) => nodeInTransition(node, now)) ||
        pods.filter(isLearners).some((pod) => podInTransition(pod, now)) ||
        others
          .flat()
          .filter(isLearners)
          .some((one) => workloadInTransition(one, now)) ||
        services.filter(isLearners).some((one) => serviceInTransition(one, within(slices, one), within(pods, one), now))
      );
    },
  };
  return { kube, close: () => transport.close() };
}

function join(...selectors: (string | undefined)[]): string {
  return selectors.filter(Boolean).join(",");
}
