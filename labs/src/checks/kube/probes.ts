import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Objects } from "./objects.ts";
import { PROBE_PREFIX } from "./verified.ts";

/** Help for checks that bring objects of their own. */
export interface Probes {
  /**
   * Makes a namespace (`drydock-probe-…`) with its default service account, runs `work` with its
   * name and removes it, whatever happens. Probe objects belong in it: the learner's namespaces
   * stay as they are. What `work` creates in it is held against what is there when it is done.
   * @throws StateFailure where the cluster changes or refuses what is created
   */
  withProbeNamespace<T>(work: (namespace: string) => Promise<T>): Promise<T>;
  /**
   * Asks every `everyMs` (default 200) until an answer that is not undefined or false, and gives
   * it; undefined after `withinMs` (default 10 000).
   */
  waitFor<T>(
    ask: () => Promise<T | undefined | false>,
    options?: { withinMs?: number; everyMs?: number },
  ): Promise<T | undefined>;
}

export function createProbes(objects: Objects, verify: (namespace: string) => Promise<void>): Probes {
  const waitFor: Probes["waitFor"] = async (ask, { withinMs = 10_000, everyMs = 200 } = {}) => {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      if (performance.now() + everyMs > deadline) return undefined;
      await sleep(everyMs);
    }
  };
  return {
    waitFor,
    async withProbeNamespace(work) {
      const name = `${PROBE_PREFIX}${randomBytes(4).toString("hex")}`;
      try {
        await objects.create({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { drydock: "probe" } } });
        const account = await waitFor(() => objects.get("v1", "ServiceAccount", "default", name), { everyMs: 50 });
        if (!account)
          throw new Error(`The namespace ${name} got no default service account: the controller manager does not work`);
        const result = await work(name);
        await verify(name);
        return result;
      } finally {
        await objects.remove("v1", "Namespace", name);
      }
    },
  };
}
