import type { Catalogue as CatalogueBody, Language, ScenarioSummary } from "@drydock/server/contract";
import type { Api } from "../lib/api.ts";
import { pick } from "../lib/text.ts";

export interface DomainGroup {
  id: string;
  title: { en: string; ko?: string };
  weight: number;
  scenarios: ScenarioSummary[];
}

/** The list of tasks, and what is typed to filter it. */
export class Catalogue {
  body: CatalogueBody | undefined = $state.raw();
  error: unknown = $state.raw();
  filter = $state("");
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Asks again; what is shown stays until the answer is there. */
  async load(): Promise<void> {
    try {
      this.body = await this.#api.catalogue();
      this.error = undefined;
    } catch (error) {
      this.error = error;
    }
  }

  /**
   * The tasks that match the filter, by domain, in the server's order; domains without any are left
   * out.
   */
  groups(language: Language): DomainGroup[] {
    if (this.body === undefined) return [];
    const { domains, scenarios } = this.body;
    const words = this.filter.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const matches = (scenario: ScenarioSummary) => {
      const domain = domains[scenario.domain];
      const text = [
        pick(scenario.title, language).text,
        scenario.title.en,
        scenario.slug,
        ...scenario.tags,
        pick(domain.title, language).text,
      ];
      const haystack = text.join(" ").toLocaleLowerCase();
      return words.every((word) => haystack.includes(word));
    };
    return Object.entries(domains)
      .map(([id, { title, weight }]) => ({
        id,
        title,
        weight,
        scenarios: scenarios.filter((one) => one.domain === id && matches(one)),
      }))
      .filter((group) => group.scenarios.length > 0);
  }
}
