import { randomBytes } from "node:crypto";
import { HOST_PROGRAM } from "../sandbox/host-program.ts";
import { askHost, type Host } from "./host.ts";
import type { Kube } from "./kube/kube.ts";

export interface HttpAnswer {
  /** An answer came, whatever its status. */
  answered: boolean;
  /** HTTP status, 0 without an answer. */
  status: number;
  body: string;
  /** Why there was no answer: `refused`, `timeout`, `reset`, `cut off`, `unreachable`, or in other words. */
  error?: string;
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

/** Who listens: an address, a pod or a Service. */
export type Target = string | { pod: string; namespace?: string } | { service: string; namespace?: string };

/** Behaviour inside the sandbox. Requests are sent from a host, so Service addresses work as they do for the cluster. */
export interface Net {
  /** One request from a host. */
  request(host: string, url: string, options?: { timeoutMs?: number; headers?: Record<string, string> }): Promise<HttpAnswer>;
  /** The URL of a Service's cluster address. @throws where it has none. */
  serviceUrl(service: string, namespace?: string, port?: number): Promise<string>;
  /** Asks a URL again and again while something happens; one long exec. */
  poll(options: PollOptions): Promise<PollResult>;
  /** Whether a TCP connection can be made out of a pod's network; `timeoutMs` (default 2 000) is how long a dropped one takes to be told. */
  connect(
    from: { pod: string; namespace?: string },
    to: Target,
    port: number,
    options?: { timeoutMs?: number },
  ): Promise<boolean>;
}

export function createNet(kube: Kube, host: (name: string) => Host): Net {
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
      const sent = Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
      const args = ["get", "--timeout", `${timeoutMs}ms`, ...sent, "--", url];
      return askHost<HttpAnswer>(host(from), args, { timeoutMs: timeoutMs + 5000 });
    },

    async serviceUrl(service, namespace = "default", port) {
      const found = await kube.service(service, namespace);
      if (!found?.spec.clusterIP || found.spec.clusterIP === "None")
        throw new Error(`Service ${namespace}/${service} has no cluster address`);
      return `http://${found.spec.clusterIP}:${port ?? found.spec.ports?.[0]?.port ?? 80}`;
    },

    async poll({ host: from, url, everyMs = 50, requestTimeoutMs = 2000, whileRunning, withinMs = 60_000 }) {
      const name = randomBytes(6).toString("hex");
      const times = ["--every", `${everyMs}ms`, "--timeout", `${requestTimeoutMs}ms`, "--within", `${withinMs}ms`];
      const timeoutMs = withinMs + requestTimeoutMs + 5000;
      const polling = askHost<PollResult>(host(from), ["poll", ...times, "--name", name, "--", url], { timeoutMs });
      polling.catch(() => undefined);
      try {
        await Promise.race([whileRunning(), polling]);
      } finally {
        // One that has reached its own end is no longer there to be stopped.
        await host(from).exec([HOST_PROGRAM, "stop", name]);
      }
      return polling;
    },

    async connect(from, to, port, { timeoutMs = 2000 } = {}) {
      const [pod, address] = await Promise.all([kube.pod(from.pod, from.namespace), addressOf(to)]);
      const container = pod?.status.containerStatuses?.find((one) => one.state?.running)?.containerID?.replace(/^.*:\/\//, "");
      if (!pod?.spec.nodeName || !container) throw new Error(`Pod ${from.namespace ?? "default"}/${from.pod} does not run`);
      const args = ["connect", "--timeout", `${timeoutMs}ms`, "--container", container, "--", `${address}:${port}`];
      const answer = await askHost<{ connected: boolean }>(host(pod.spec.nodeName), args, { timeoutMs: timeoutMs + 5000 });
      return answer.connected;
    },
  };
}
