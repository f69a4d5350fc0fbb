import type { AskHost } from "../observer/index.ts";
import type { Kube } from "./kube/kube.ts";
import type { Pod } from "./kube/types.ts";

export interface HttpAnswer {
  /** An answer came, whatever its status. */
  answered: boolean;
  /** HTTP status, 0 without an answer. */
  status: number;
  body: string;
  /**
   * Why there was no answer: `refused`, `timeout`, `reset`, `cut off`, `unreachable`, or in other
   * words.
   */
  error?: string;
  /**
   * The address and port from which the answer really came, also where rules of the host led the
   * request elsewhere: for a Service that of a pod.
   */
  servedFrom?: string;
}

export interface PodAnswer extends HttpAnswer {
  /**
   * Names of the pod's containers whose processes listen on that port; empty where none of them
   * does, and something else answered.
   */
  servedBy: string[];
}

export interface PollFailure {
  /** Since polling began. */
  atMs: number;
  /** HTTP status, 0 without an answer. */
  status: number;
  /** As in {@link HttpAnswer}. */
  error?: string;
}

export interface PollResult {
  total: number;
  /** Requests without an answer, or with a status of 400 or more. */
  failures: PollFailure[];
  durationMs: number;
  /** How many answers came from each address and port, as {@link HttpAnswer.servedFrom}. */
  servedFrom: Record<string, number>;
}

export interface PollOptions {
  /** The host that asks. */
  host: string;
  url: string;
  /** Pause between two requests; default 50. */
  everyMs?: number;
  /** Limit of one request; default 2 000. */
  requestTimeoutMs?: number;
  /** What happens meanwhile; polling ends when it does. */
  whileRunning: () => Promise<unknown>;
  /** Polling ends after this in any case; default 60 000. */
  withinMs?: number;
}

/** What visitors of a Service have met with since set-up; see `traffic` in scenario.yaml. */
export interface Traffic {
  /** Requests that were made. */
  beats: number;
  /** Requests that got no answer, twice in a row. */
  lost: number;
  /** The first of them. `atMs`: since set-up, the time in which the sandbox was frozen left out. */
  losses: { beat: number; atMs: number; status: number; error?: string }[];
  /** How many answers came from each address and port, as {@link HttpAnswer.servedFrom}. */
  servedFrom: Record<string, number>;
  /** How long it has been recorded. */
  recordedMs: number;
}

/** What listens: an address, a pod or a Service. */
export type Target = string | { pod: string; namespace?: string } | { service: string; namespace?: string };

/**
 * Behaviour inside the sandbox. The grader's own program makes the requests, in the network of a
 * host, so Service addresses work as they do for the cluster.
 */
export interface Net {
  /** One request from a host. The URL names an address, not a name. */
  request(host: string, url: string, options?: { timeoutMs?: number; headers?: Record<string, string> }): Promise<HttpAnswer>;
  /**
   * One request within a pod's own network, so that no rule or route of its node has a say in it,
   * and what it is that listens there. `container` names the one whose network is entered, default
   * any that runs.
   * @throws where none runs
   */
  requestPod(
    pod: Pod,
    options?: { port?: number; path?: string; scheme?: string; timeoutMs?: number; headers?: Record<string, string> },
  ): Promise<PodAnswer>;
  /** The URL of a Service's cluster address. @throws where it has none. */
  serviceUrl(service: string, namespace?: string, port?: number): Promise<string>;
  /** Asks a URL again and again while something happens. */
  poll(options: PollOptions): Promise<PollResult>;
  /**
   * What has been recorded of the scenario's traffic with this name.
   * @throws where the record was lost
   */
  traffic(name: string): Promise<Traffic>;
  /**
   * Whether a TCP connection can be made out of a pod's network; `timeoutMs` (default 2 000) is how
   * long a dropped one takes to be told.
   */
  connect(
    from: { pod: string; namespace?: string },
    to: Target,
    port: number,
    options?: { timeoutMs?: number },
  ): Promise<boolean>;
}

/**
 * @param sandbox the sandbox's id, by which its traffic is recorded; `hosts[0]` is its control
 * plane
 */
export function createNet(kube: Kube, ask: AskHost, { sandbox, hosts }: { sandbox: string; hosts: readonly string[] }): Net {
  const addressOf = async (target: Target): Promise<string> => {
    if (typeof target === "string") return target;
    const address =
      "pod" in target
        ? (await kube.pod(target.pod, target.namespace))?.status.podIP
        : (await kube.service(target.service, target.namespace))?.spec.clusterIP;
    if (!address || address === "None") throw new Error(`${JSON.stringify(target)} has no address`);
    return address;
  };

  return {
    request(from, url, { timeoutMs = 3000, headers = {} } = {}) {
      return ask(from, { ask: "get", url, headers, timeoutMs }, { timeoutMs: timeoutMs + 5000 });
    },

    async requestPod(pod, { port = 80, path = "/", scheme = "http", timeoutMs = 3000, headers = {} } = {}) {
      const containers = runningContainers(pod);
      const [container] = containers.keys();
      const { podIP } = pod.status;
      if (!pod.spec.nodeName || !container || !podIP)
        throw new Error(`Pod ${pod.metadata.namespace}/${pod.metadata.name} does not run`);
      const url = `${scheme}://${podIP.includes(":") ? `[${podIP}]` : podIP}:${port}${path}`;
      const question = { ask: "get", url, headers, timeoutMs, container } as const;
      const { servedBy = [], ...answer } = await ask(pod.spec.nodeName, question, { timeoutMs: timeoutMs + 5000 });
      return { ...answer, servedBy: servedBy.flatMap((id) => containers.get(id) ?? []) };
    },

    async serviceUrl(service, namespace = "default", port) {
      const found = await kube.service(service, namespace);
      if (!found?.spec.clusterIP || found.spec.clusterIP === "None")
        throw new Error(`Service ${namespace}/${service} has no cluster address`);
      return `http://${found.spec.clusterIP}:${port ?? found.spec.ports?.[0]?.port ?? 80}`;
    },

    async poll({ host: from, url, everyMs = 50, requestTimeoutMs = 2000, whileRunning, withinMs = 60_000 }) {
      const stop = new AbortController();
      const question = { ask: "poll", url, everyMs, withinMs, timeoutMs: requestTimeoutMs } as const;
      const timeoutMs = withinMs + requestTimeoutMs + 5000;
      const polling = ask(from, question, { timeoutMs, stop: stop.signal });
      polling.catch(() => undefined);
      try {
        await Promise.race([whileRunning(), polling]);
      } finally {
        stop.abort();
      }
      return polling;
    },

    traffic: (name) => ask(hosts[0]!, { ask: "traffic-report", sandbox, name }),

    async connect(from, to, port, { timeoutMs = 2000 } = {}) {
      const [pod, address] = await Promise.all([kube.pod(from.pod, from.namespace), addressOf(to)]);
      const [container] = pod ? runningContainers(pod).keys() : [];
      if (!pod?.spec.nodeName || !container) throw new Error(`Pod ${from.namespace ?? "default"}/${from.pod} does not run`);
      const question = { ask: "connect", container, address: hostPort(address, port), timeoutMs } as const;
      return (await ask(pod.spec.nodeName, question, { timeoutMs: timeoutMs + 5000 })).connected;
    },
  };
}

function hostPort(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Names of a pod's containers that run, by their ids. */
export function runningContainers({ status }: Pod): Map<string, string> {
  const all = [
    ...(status.containerStatuses ?? []),
    ...(status.initContainerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ];
  return new Map(
    all.flatMap(({ name, containerID, state }) =>
      state?.running && containerID ? [[containerID.replace(/^.*:\/\//, ""), name]] : [],
    ),
  );
}
