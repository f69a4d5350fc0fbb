import type { Progress } from "../progress.ts";
import type { Owner, Sandbox, SandboxProvider } from "../sandbox/provider.ts";
import type { Scenario, ScenarioSpec } from "../scenarios/schema.ts";
import { ownJob } from "./job.ts";
import { planContract, type Leg, type ScenarioContract, type WithSandbox } from "./contract.ts";

export interface ContractsOptions {
  provider: Pick<SandboxProvider, "create" | "remove">;
  owner: Owner;
  /** How many sandboxes at once. */
  jobs: number;
  signal?: AbortSignal;
  /** Shows the making of the sandbox; best where one is made at a time. */
  progress?: Progress;
  onLeg?: (slug: string, leg: Leg) => void;
}

/**
 * Runs the contracts of scenarios, `jobs` trials at a time whichever scenario they belong to, each in a fresh sandbox. The legs come back in the order of the plan.
 * Rejects only when it is aborted; then too every sandbox that it made is removed first.
 */
export async function runContracts(scenarios: readonly Scenario[], options: ContractsOptions): Promise<ScenarioContract[]> {
  const { signal, onLeg } = options;
  const trials = scenarios.flatMap((scenario) =>
    planContract(scenario).map((trial) => ({ trial, withSandbox: freshSandbox(scenario, options) })),
  );
  const legs = new Map<(typeof trials)[number], Leg[]>();
  const waiting = [...trials];
  const work = async () => {
    for (let next = waiting.shift(); next && !signal?.aborted; next = waiting.shift()) {
      const { trial, withSandbox } = next;
      legs.set(next, await trial.run(withSandbox, { signal, onLeg: (leg) => onLeg?.(trial.slug, leg) }));
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.max(1, options.jobs) }, work));
  for (const worker of workers) if (worker.status === "rejected") throw worker.reason;
  signal?.throwIfAborted();
  return scenarios.map(({ slug }) => ({
    slug,
    legs: trials.filter(({ trial }) => trial.slug === slug).flatMap((one) => legs.get(one) ?? []),
  }));
}

/** A fresh sandbox of a scenario's topology for some work; it is removed however the work ends. */
export function freshSandbox(
  scenario: Pick<ScenarioSpec, "topology"> & { slug: string },
  options: Omit<ContractsOptions, "jobs" | "onLeg">,
): WithSandbox {
  return async (work) => {
    const { provider, owner, signal, progress } = options;
    const sandbox: Sandbox = await provider.create({
      topology: scenario.topology,
      owner,
      leasedFor: ownJob(scenario.slug),
      progress,
      signal,
    });
    try {
      return await work(sandbox);
    } finally {
      await provider.remove(sandbox.id);
    }
  };
}
