import type { Progress } from "../progress.ts";
import type { Owner, Sandbox, SandboxProvider } from "../sandbox/provider.ts";
import type { Scenario } from "../scenarios/schema.ts";
import type { WithSandbox } from "./contract.ts";
import { ownJob } from "./job.ts";

export interface FreshSandboxOptions {
  provider: Pick<SandboxProvider, "create" | "remove">;
  owner: Owner;
  signal?: AbortSignal;
  progress?: Progress;
  /** Takes the removal over, so that the work's result need not wait for it. */
  onRemoving?: (removal: Promise<void>) => void;
}

/** A fresh sandbox of a scenario's topology for some work; it is removed however the work ends. */
export function freshSandbox(scenario: Pick<Scenario, "topology" | "slug">, options: FreshSandboxOptions): WithSandbox {
  const { provider, owner, signal, progress, onRemoving } = options;
  return async (work) => {
    const leasedFor = ownJob(scenario.slug);
    const sandbox: Sandbox = await provider.create({ topology: scenario.topology, owner, leasedFor, progress, signal });
    try {
      return await work(sandbox);
    } finally {
      const removal = provider.remove(sandbox.id);
      if (onRemoving) onRemoving(removal);
      else await removal;
    }
  };
}
