import type { Scenario } from "../../scenarios/schema.ts";
import type { Graded } from "../graded.ts";

export type CheckSpec = Scenario["checks"][number];

/** A person's submission, graded. */
export interface PersonGraded {
  person: string;
  graded: Graded;
}
