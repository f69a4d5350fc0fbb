import type { Progress } from "../progress.ts";
import type { Owner, Sandbox, SandboxProvider } from "../sandbox/provider.ts";
import type { Scenario } from "../scenarios/schema.ts";
import type { WithSandbox } from "./contract.ts";
import { ownJob } from "./job.ts";
import { setUp } from "./set-up.ts";
import { setUpWithRetry } from "./set-up-retry.ts";

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
  return async (work) => {
    const sandbox = await create(scenario, options);
    try {
      return await work(sandbox);
    } finally {
      await remove(sandbox, options);
    }
  };
}

/**
 * As {@link freshSandbox}, with the scenario set up in it, where a set-up that fails is tried once
 * more on another sandbox.
 * @throws SetUpFailed when it fails there too
 */
export function preparedSandbox(scenario: Scenario, options: FreshSandboxOptions & { progress: Progress }): WithSandbox {
  const { progress, signal } = options;
  return async (work) => {
    const sandbox = await setUpWithRetry<Sandbox>({
      progress,
      signal,
      async make(insteadOf) {
        if (insteadOf) await remove(insteadOf, options);
        return create(scenario, options);
      },
      discard: (one) => remove(one, options),
      setUp: (one) => setUp(scenario, one, { signal }),
    });
    try {
      return await work(sandbox);
    } finally {
      await remove(sandbox, options);
    }
  };
}

function create(scenario: Pick<Scenario, "topology" | "slug">, options: FreshSandboxOptions): Promise<Sandbox> {
  const { provider, owner, signal, progress } = options;
  return provider.create({ topology: scenario.topology, owner, leasedFor: ownJob(scenario.slug), progress, signal });
}

async function remove({ id }: Sandbox, { provider, onRemoving }: FreshSandboxOptions): Promise<void> {
  const removal = provider.remove(id);
  if (onRemoving) onRemoving(removal);
  else await removal;
}
