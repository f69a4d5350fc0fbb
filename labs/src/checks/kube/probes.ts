import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Objects } from "./objects.ts";

/** Help for checks that bring objects of their own. */
export interface Probes {
  /**
   * Makes a namespace (`drydock-probe-…`) with its default service account, runs `work` with its name and removes it, whatever happens. Probe objects belong in it: the
   * learner's namespaces stay as they are.
   */
  withProbeNamespace<T>(work: (namespace: string) => Promise<T>): Promise<T>;
  /** Asks every `everyMs` (default 200) until an answer that is not undefined or false, and gives it; undefined after `withinMs` (default 10 000). */
  waitFor<T>(
    ask: () => Promise<T | undefined | false>,
    options?: { withinMs?: number; everyMs?: number },
  ): Promise<T | undefined>;
}

export function createProbes(objects: Objects): Probes {
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
      const name = `drydock-probe-${randomBytes(4).toString("hex")}`;
      await objects.create({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { drydock: "probe" } } });
      try {
        const account = await waitFor(() => objects.get("v1", "ServiceAccount", "default", name), { everyMs: 50 });
        if (!account)
          throw new Error(`The namespace ${name} got no default service account: the controller manager does not work`);
        return await work(name);
      } finally {
        await objects.remove("v1", "Namespace", name);
      }
    },
  };
}
