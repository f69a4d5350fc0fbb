import { readFile } from "node:fs/promises";
import type { Report } from "../checks/outcome.ts";
import { runChecks } from "../checks/run.ts";
import { describeError, DrydockError } from "../errors.ts";
import type { Sandbox } from "../sandbox/provider.ts";
import { solutionScript } from "../scenarios/markdown.ts";
import type { Scenario } from "../scenarios/schema.ts";
import { expectFails, expectPasses, expectUntouched } from "./expectations.ts";
import { runScript, scriptFailed } from "./script.ts";
import { setUp } from "./set-up.ts";

/** Longest time that a solution, an alternative or a near miss may take. */
const SCRIPT_TIMEOUT_MS = 300_000;

/** One promise of a scenario's contract, tried. `error`: it could not be tried or judged. */
export interface Leg {
  /**
   * `setup`, `untouched`, `solution`, `alternative <name>`, `near miss <name>`, `fooling attempt
   * <name>`, `setup again`.
   */
  name: string;
  ok: boolean;
  outcome: "passed" | "failed" | "error";
  durationMs: number;
  /** What is wrong, a line each: which check, expected and found. */
  problems: string[];
}

export interface ScenarioContract {
  slug: string;
  legs: Leg[];
}

/** Gives a fresh sandbox to some work and removes it afterwards, whatever happens. */
export type WithSandbox = <T>(work: (sandbox: Sandbox) => Promise<T>) => Promise<T>;

/** Some legs that share one sandbox, in order; `run` never rejects, except when it is aborted. */
export interface Trial {
  slug: string;
  legs: readonly string[];
  run(withSandbox: WithSandbox, options: TrialOptions): Promise<Leg[]>;
}

export interface TrialOptions {
  signal?: AbortSignal;
  onLeg?: (leg: Leg) => void;
}

type Step = [name: string, run: (sandbox: Sandbox, signal?: AbortSignal) => Promise<string[]>];

/**
 * The trials of a scenario's contract, each to be run in a fresh sandbox. Legs share one where that
 * takes nothing from what they prove: the solution is run where the untouched state was judged; the
 * first alternative where set-up ran twice, which proves at once that the second run was harmless.
 * A near miss or fooling attempt that names another script comes before it, as it does when a
 * learner goes wrong at first: each must fail what it names and nothing else, so what is left of
 * the one before hides nothing. Every other script has its own.
 */
export function planContract(scenario: Scenario): Trial[] {
  const prepare = async (sandbox: Sandbox, signal?: AbortSignal) => {
    await setUp(scenario, sandbox, { signal });
    return [];
  };
  const judge = (sandbox: Sandbox, signal?: AbortSignal) => runChecks(scenario, sandbox, { signal });
  const untouched = async (sandbox: Sandbox, signal?: AbortSignal) => expectUntouched(await judge(sandbox, signal));
  const play =
    (script: () => Promise<string>, judged: (report: Report) => string[]) => async (sandbox: Sandbox, signal?: AbortSignal) => {
      const result = await runScript(sandbox, scenario.host, await script(), {
        as: "learner",
        timeoutMs: SCRIPT_TIMEOUT_MS,
        signal,
      });
      if (result.exitCode !== 0) throw scriptFailed("contract.script", "The script", result, SCRIPT_TIMEOUT_MS);
      return judged(await judge(sandbox, signal));
    };

  const follows = new Map(scenario.nearMisses.flatMap(({ name, then }) => (then === undefined ? [] : [[then, name]])));
  const scripts = new Map<string, Step>();
  for (const { name, path } of scenario.alternatives) {
    scripts.set(name, [`alternative ${name}`, play(() => readFile(path, "utf8"), expectPasses)]);
  }
  for (const { kind, name, path, fails } of scenario.nearMisses) {
    scripts.set(name, [
      `${kind === "wrong" ? "near miss" : "fooling attempt"} ${name}`,
      play(
        () => readFile(path, "utf8"),
        (report) => expectFails(report, fails),
      ),
    ]);
  }
  /** A script, after those that lead to it. */
  const chainTo = (name: string): Step[] => [...(follows.has(name) ? chainTo(follows.get(name)!) : []), scripts.get(name)!];
  const [first = [], ...others] = scenario.alternatives.map(({ name }) => chainTo(name));
  const nearMisses = scenario.nearMisses.filter(({ then }) => then === undefined).map(({ name }) => chainTo(name));
  const again: Step = [
    "setup again",
    async (sandbox, signal) => [
      ...(await prepare(sandbox, signal)),
      ...(await prepare(sandbox, signal)),
      ...(await untouched(sandbox, signal)),
    ],
  ];
  const fresh = ([step, ...more]: Step[]): Step[] => [
    [step![0], async (sandbox, signal) => [...(await prepare(sandbox, signal)), ...(await step![1](sandbox, signal))]],
    ...more,
  ];
  const trials: Step[][] = [
    [
      ["setup", prepare],
      ["untouched", untouched],
      ["solution", play(async () => solutionScript(scenario.solution.en), expectPasses)],
    ],
    [again, ...first],
    ...[...others, ...nearMisses].map(fresh),
  ];
  return trials.map((steps) => createTrial(scenario.slug, steps));
}

function createTrial(slug: string, steps: Step[]): Trial {
  return {
    slug,
    legs: steps.map(([name]) => name),
    async run(withSandbox, { signal, onLeg }) {
      const legs: Leg[] = [];
      const add = (leg: Leg) => {
        legs.push(leg);
        onLeg?.(leg);
      };
      try {
        await withSandbox(async (sandbox) => {
          for (const [name, run] of steps) {
            const broken = legs.find((leg) => leg.name.startsWith("setup") && !leg.ok);
            const leg = broken
              ? notTried(name, `not tried: ${broken.name} went wrong before it`)
              : await tryLeg(name, () => run(sandbox, signal));
            // What an abort breaks off says nothing of the scenario.
            signal?.throwIfAborted();
            add(leg);
          }
        });
      } catch (error) {
        if (signal?.aborted) throw error;
        for (const [name] of steps.slice(legs.length)) add(notTried(name, describeError(error)));
      }
      return legs;
    },
  };
}

function notTried(name: string, why: string): Leg {
  return { name, ok: false, outcome: "error", durationMs: 0, problems: [why] };
}

/**
 * A script of the scenario that fails breaks the contract; anything else that is thrown means that
 * nothing was judged.
 */
async function tryLeg(name: string, run: () => Promise<string[]>): Promise<Leg> {
  const startedAt = performance.now();
  const leg = (outcome: Leg["outcome"], problems: string[]): Leg => ({
    name,
    ok: outcome === "passed",
    outcome,
    problems,
    durationMs: Math.round(performance.now() - startedAt),
  });
  try {
    const problems = await run();
    return leg(problems.length === 0 ? "passed" : "failed", problems);
  } catch (error) {
    const ours = error instanceof DrydockError && ["setup.failed", "contract.script"].includes(error.code);
    return leg(ours ? "failed" : "error", [describeError(error)]);
  }
}
