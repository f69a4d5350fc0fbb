import type { Scenario } from "../scenarios/schema.ts";
import { planContract, type Leg, type ScenarioContract, type WithSandbox } from "./contract.ts";
import { freshSandbox, type FreshSandboxOptions } from "./fresh-sandbox.ts";
import type { Load } from "./load.ts";

export interface ContractsOptions extends Pick<FreshSandboxOptions, "provider" | "owner" | "signal"> {
  /** How many sandboxes are worked in at once. */
  jobs: number;
  onLeg?: (slug: string, leg: Leg) => void;
  /** What keeps the machine busy while sandboxes are worked in; making them is not slowed down. */
  load?: Load;
}

/**
 * Runs the contracts of scenarios, `jobs` trials at a time whichever scenario they belong to, each
 * in a fresh sandbox. The legs come back in the order of the plan. Rejects only when it is aborted;
 * when it ends, in whatever way, every sandbox that it made is removed, or was tried to be.
 */
export async function runContracts(scenarios: readonly Scenario[], options: ContractsOptions): Promise<ScenarioContract[]> {
  const { signal, onLeg } = options;
  const removals: Promise<void>[] = [];
  const onRemoving = (removal: Promise<void>) => {
    // One that fails costs no verdict: the next command removes what is left of a dead one's
    // sandboxes.
    removals.push(removal.catch(() => undefined));
  };
  const trials = scenarios.flatMap((scenario) =>
    planContract(scenario).map((trial) => ({
      trial,
      withSandbox: underLoad(freshSandbox(scenario, { ...options, onRemoving }), options.load),
    })),
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
  await Promise.all(removals);
  for (const worker of workers) if (worker.status === "rejected") throw worker.reason;
  signal?.throwIfAborted();
  return scenarios.map(({ slug }) => ({
    slug,
    legs: trials.filter(({ trial }) => trial.slug === slug).flatMap((one) => legs.get(one) ?? []),
  }));
}

function underLoad(withSandbox: WithSandbox, load: Load | undefined): WithSandbox {
  if (!load) return withSandbox;
  return (work) => withSandbox((sandbox) => load.during(() => work(sandbox)));
}
