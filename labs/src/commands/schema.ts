import { scenarioJsonSchema } from "../scenarios/json-schema.ts";
import type { DefineCommand } from "./cli-context.ts";

/** `drydock schema` */
export const defineSchema: DefineCommand = (program, cli) => {
  program
    .command("schema")
    .description("print the JSON Schema of scenario.yaml, for editors")
    .action(() => cli.print(JSON.stringify(scenarioJsonSchema(), undefined, 2)));
};
