import { z } from "zod";
import { scenarioSchema } from "./schema.ts";

/**
 * The JSON Schema of scenario.yaml, for editors (`# yaml-language-server: $schema=…`) and other
 * tools. Made from the schema that the loader uses.
 */
export function scenarioJsonSchema(): object {
  return { title: "Drydock scenario", ...z.toJSONSchema(scenarioSchema, { io: "input" }) };
}
