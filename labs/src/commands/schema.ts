import { z } from "zod";
import { gradedSchema } from "../grading/graded.ts";
import { scenarioJsonSchema } from "../scenarios/json-schema.ts";
import { Argument } from "commander";
import type { DefineCommand } from "./cli-context.ts";

const SCHEMAS = {
  scenario: scenarioJsonSchema,
  graded: () => ({ title: "Drydock graded submission", ...z.toJSONSchema(gradedSchema) }),
};

/** `drydock schema [scenario|graded]` */
export const defineSchema: DefineCommand = (program, cli) => {
  program
    .command("schema")
    .description(
      "print the JSON Schema of scenario.yaml, for editors; or of what `grade --json` writes, for programs that read it",
    )
    .addArgument(new Argument("[of]").choices(Object.keys(SCHEMAS)).default("scenario"))
    .action((of: keyof typeof SCHEMAS) => cli.print(JSON.stringify(SCHEMAS[of](), undefined, 2)));
};
