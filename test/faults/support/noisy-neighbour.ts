import { setTimeout as sleep } from "node:timers/promises";
import { limitsOf } from "../../../labs/src/sandbox/limits.ts";
import type { Sandbox } from "../../../labs/src/sandbox/provider.ts";
import type { TestWindow } from "../../../server/src/testing/window.ts";
import { ClusterServer, SANDBOX_MS } from "./cluster-lab.ts";
import { Learner } from "./learner.ts";

const GIB = 1024 ** 3;
const EVIDENCE_MS = 90_000;
/** The disk filler stops there, whatever the product does. */
export const MOST_FILLED_MIB = 5000;
const FILLER = "/var/filler";
const FLOOD_LOGS = "/var/log/pods/default_flood_*";

/** What a learner does to their own sandbox, by a command typed on one of its hosts. */
export interface Noise {
  host: string;
  command: string;
  /** How much of it there is now, so that it can be told that it is at work. */
  measure: (neighbour: NoisyNeighbour) => Promise<number>;
  /** From here on it is at work. */
  least: number;
  /**
   * How much more there must be later for it to have gone on; below zero for what comes and goes.
   * It must be as much as `least` in any case.
   */
  growth: number;
}

const { pids } = limitsOf("node01");
const floodOverrides = JSON.stringify({ spec: { nodeName: "node01" } });

export const NOISES = {
  "fork bomb": {
    host: "node01",
    // Of its own accord a shell's service has far less (TasksMax); as root it takes what the host
    // has.
    command: "systemd-run -p TasksMax=infinity perl -e 'fork while 1'",
    measure: (neighbour) => neighbour.processes(),
    least: pids * 0.95,
    // They come and go.
    growth: -pids,
  },
  "memory hog": {
    host: "node01",
    command: "while :; do tail /dev/zero; done",
    measure: (neighbour) => neighbour.oomKills(),
    least: 1,
    growth: 1,
  },
  "disk filler": {
    host: "node01",
    command: `while :; do dd if=/dev/zero of=${FILLER} bs=1M count=${MOST_FILLED_MIB} conv=fsync; done`,
    measure: (neighbour) => neighbour.bytesBelow(FILLER),
    least: 0.5 * GIB,
    // It begins anew when it is at the end.
    growth: -MOST_FILLED_MIB * 1024 ** 2,
  },
  "log flood": {
    host: "controlplane",
    command: `kubectl run flood --image=busybox:1.36 --overrides='${floodOverrides}' -- sh -c 'while :; do seq 1 1000000; done'`,
    measure: (neighbour) => neighbour.logBytes(),
    least: 50e6,
    // The kubelet takes away what is old.
    growth: -GIB,
  },
} as const satisfies Record<string, Noise>;

/**
 * One learner who makes noise in a sandbox, and another who only wants to type in theirs, on one
 * server with real clusters.
 */
export class NoisyNeighbour {
  readonly cluster: ClusterServer;
  readonly quiet: Learner;
  /** Of the one who types. */
  readonly window: TestWindow;
  readonly #noisy: Learner;

  private constructor(cluster: ClusterServer, quiet: Learner, window: TestWindow, noisy: Learner) {
    this.cluster = cluster;
    this.quiet = quiet;
    this.window = window;
    this.#noisy = noisy;
  }

  static async start(): Promise<NoisyNeighbour> {
    const cluster = await ClusterServer.start();
    try {
      const start = () => Learner.at(cluster.url, "one", SANDBOX_MS);
      const [quiet, noisy] = await Promise.all([start(), start()]);
      const window = await quiet.openTerminal("controlplane");
      window.type("echo read''y\r");
      await window.shows("ready");
      return new NoisyNeighbour(cluster, quiet, window, noisy);
    } catch (error) {
      await cluster.end();
      throw error;
    }
  }

  /** Begins to make noise; resolves when it is at work, to how much of it there is. */
  async make({ host, command, measure, least }: Noise): Promise<number> {
    const terminal = await this.#noisy.openTerminal(host);
    terminal.type(`${command}\r`);
    return this.#until(() => measure(this), least);
  }

  /** Throws where the noise does not go on since there was `before` of it. */
  async expectNoise({ measure, least, growth }: Noise, before: number): Promise<void> {
    await this.#until(() => measure(this), Math.max(least, before + growth));
  }

  /** Ends the noise with its sandbox: the one who made it gets another. */
  async hush(): Promise<void> {
    await this.#noisy.reset();
    await this.#noisy.until("ready", SANDBOX_MS);
  }

  async end(): Promise<void> {
    await this.cluster.end();
  }

  /**
   * What the kernel has killed in node01 for want of memory, in all groups: version 1 counts each
   * by itself.
   */
  async oomKills(): Promise<number> {
    const count =
      "find /sys/fs/cgroup -name memory.oom_control -o -name memory.events | xargs cat | awk '$1 == \"oom_kill\" {n += $2} END {print n}'";
    return Number((await this.#ask(count)) || NaN);
  }

  /** Bytes below a path of node01 that the host has written. */
  async bytesBelow(path: string): Promise<number> {
    return Number((await this.#ask(`du -sB1 ${path} | cut -f1`)) || 0);
  }

  /** The bytes of logs that a flood has left. */
  logBytes(): Promise<number> {
    return this.bytesBelow(FLOOD_LOGS);
  }

  /**
   * Of node01, as the engine counts them from outside: nobody gets a process into a host that has
   * none left.
   */
  async processes(): Promise<number> {
    const container = await this.cluster.containerOf(this.#noisy.session, "node01");
    const text = await this.cluster.fixture.engine.run(["stats", "--no-stream", "--format", "json", container]);
    return Number(/"pids":\s*"?(\d+)/i.exec(text)?.[1]);
  }

  async #ask(script: string): Promise<string> {
    const sandbox: Sandbox = await this.cluster.open(this.#noisy.session);
    const { stdout } = await sandbox.exec("node01", ["/bin/sh", "-c", script], { timeoutMs: 20_000 });
    return stdout.trim();
  }

  /** Asks again until there is so much. @returns what was found then */
  async #until(find: () => Promise<number>, least: number): Promise<number> {
    let found = 0;
    for (const end = Date.now() + EVIDENCE_MS; Date.now() < end; await sleep(250)) {
      found = await find().catch(() => found);
      if (found >= least) return found;
    }
    throw new Error(`the noise is not at work: ${found}, not ${least}`);
  }
}
