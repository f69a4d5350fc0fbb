import { randomBytes } from "node:crypto";
import type { Host } from "./host.ts";
import type { Kube } from "./kube/kube.ts";
import { parsePoll, POLL_SCRIPT, type PollResult } from "./poll.ts";

export interface HttpAnswer {
  /** An answer came, whatever its status. */
  answered: boolean;
  /** HTTP status, 0 without an answer. */
  status: number;
  body: string;
  /** Why there was no answer, in curl's words. */
  error?: string;
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

/** Behaviour inside the sandbox. Requests are sent by curl on a host, so Service addresses work as they do for the cluster. */
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
    async request(from, url, { timeoutMs = 3000, headers = {} } = {}) {
      const sent = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
      const argv = [
        "/usr/bin/curl",
        "-sS",
        "--noproxy",
        "*",
        "-m",
        String(timeoutMs / 1000),
        "-w",
        "\n%{http_code}",
        ...sent,
        "--",
        url,
      ];
      const result = await host(from).exec(argv, { timeoutMs: timeoutMs + 5000 });
      const cut = result.stdout.lastIndexOf("\n");
      const status = Number(result.stdout.slice(cut + 1));
      const answered = result.exitCode === 0 && status > 0;
      return {
        answered,
        status,
        body: result.stdout.slice(0, Math.max(cut, 0)),
        error: answered ? undefined : result.stderr.trim(),
      };
    },

    async serviceUrl(service, namespace = "default", port) {
      const found = await kube.service(service, namespace);
      if (!found?.spec.clusterIP || found.spec.clusterIP === "None")
        throw new Error(`Service ${namespace}/${service} has no cluster address`);
      return `http://${found.spec.clusterIP}:${port ?? found.spec.ports?.[0]?.port ?? 80}`;
    },

    async poll({ host: from, url, everyMs = 50, requestTimeoutMs = 2000, whileRunning, withinMs = 60_000 }) {
      const stop = `/tmp/.drydock-poll-${randomBytes(6).toString("hex")}`;
      const argv = [
        "/bin/bash",
        "-c",
        POLL_SCRIPT,
        "poll",
        url,
        String(everyMs / 1000),
        String(requestTimeoutMs / 1000),
        stop,
        String(Math.ceil(withinMs / 1000)),
      ];
      const polling = host(from).exec(argv, { timeoutMs: withinMs + requestTimeoutMs + 5000 });
      polling.catch(() => undefined);
      try {
        await Promise.race([whileRunning(), polling]);
      } finally {
        await host(from).exec(["/usr/bin/touch", stop]);
      }
      const result = await polling;
      await host(from).exec(["/bin/rm", "-f", stop]);
      return parsePoll(result.stdout);
    },

    async connect(from, to, port, { timeoutMs = 2000 } = {}) {
      const [pod, address] = await Promise.all([kube.pod(from.pod, from.namespace), addressOf(to)]);
      const container = pod?.status.containerStatuses?.find((one) => one.state?.running)?.containerID?.replace(/^.*:\/\//, "");
      if (!pod?.spec.nodeName || !container) throw new Error(`Pod ${from.namespace ?? "default"}/${from.pod} does not run`);
      const node = host(pod.spec.nodeName);
      const processes = await node.exec([
        "/bin/bash",
        "-c",
        'grep -ls -- "$1" /proc/[0-9]*/cgroup | head -n 1',
        "find",
        container,
      ]);
      const pid = /^\/proc\/(\d+)\//.exec(processes.stdout)?.[1];
      if (!pid) throw new Error(`No process of pod ${from.pod} was found on ${node.name}`);
      const tcp = 'exec 3<>"/dev/tcp/$1/$2"';
      const argv = [
        "/usr/bin/nsenter",
        "-t",
        pid,
        "-n",
        "/usr/bin/timeout",
        String(timeoutMs / 1000),
        "/bin/bash",
        "-c",
        tcp,
        "connect",
        address,
        String(port),
      ];
      return (await node.exec(argv, { timeoutMs: timeoutMs + 5000 })).exitCode === 0;
    },
  };
}
