import { DrydockError } from "../../labs/src/errors.ts";
import type { Scenario } from "../../labs/src/scenarios/schema.ts";
import { TOPOLOGIES } from "../../labs/src/sandbox/provider.ts";
import { bound } from "./log/bounded.ts";
import type { ScenarioDetail, ScenarioSummary } from "./contract.ts";
import type { Best } from "./store/attempts.ts";

/** What is the learner's own in a view of a scenario. */
export interface Standing {
  best: Best | undefined;
  sessionId: string | undefined;
}

/** The scenarios that can be practised, in the order in which they are shown. */
export class Catalogue {
  readonly scenarios: readonly Scenario[];
  readonly #bySlug: ReadonlyMap<string, Scenario>;

  constructor(scenarios: readonly Scenario[]) {
    this.scenarios = scenarios;
    this.#bySlug = new Map(scenarios.map((one) => [one.slug, one]));
  }

  find(slug: string): Scenario | undefined {
    return this.#bySlug.get(slug);
  }

  /** @throws DrydockError `scenario.unknown` */
  get(slug: string): Scenario {
    const scenario = this.find(slug);
    if (!scenario)
      throw new DrydockError("scenario.unknown", `There is no scenario "${bound(slug, 100)}"`, {
        advice: "Choose one from the list",
      });
    return scenario;
  }

  summary(scenario: Scenario, standing: Standing): ScenarioSummary {
    const { slug, title, domain, difficulty, minutes, points, tags, topology } = scenario;
    return { slug, title, domain, difficulty, minutes, points, tags, topology, ...standing };
  }

  /** All that the page shows of a scenario. The solution is not part of it, nor is any hint. */
  detail(scenario: Scenario, standing: Standing): ScenarioDetail {
    const at = this.scenarios.indexOf(scenario);
    return {
      ...this.summary(scenario, standing),
      host: scenario.host,
      hosts: [...TOPOLOGIES[scenario.topology]],
      task: scenario.task,
      checks: scenario.checks.map(({ id, points, title }) => ({ id, points, title })),
      hintCount: scenario.hints.length,
      docs: scenario.docs,
      previous: this.scenarios[at - 1]?.slug,
      next: this.scenarios[at + 1]?.slug,
    };
  }
}
