import { examineMachine } from "../doctor/machine.ts";
import { examinePlatform } from "../doctor/platform.ts";
import { EXIT, type DefineCommand } from "./cli-context.ts";
import { table } from "./table.ts";

const MARKS = { ok: "✓", warning: "!", missing: "✗" } as const;

/** `drydock doctor` */
export const defineDoctor: DefineCommand = (program, cli, exit) => {
  program
    .command("doctor")
    .description("say what is there, what is missing and what to do; exit status 1 where something is missing")
    .action(async () => {
      const findings = [...(await examineMachine(cli.config)), ...(await examinePlatform(cli.config))];
      for (const line of table(findings.map(({ what, state, found }) => [MARKS[state], what, found]))) cli.print(line);
      const advices = findings.flatMap(({ what, advice }) => (advice ? [`${what}: ${advice}`] : []));
      if (advices.length > 0) cli.print(`\nWhat to do:\n${advices.map((advice) => `  ${advice}`).join("\n")}`);
      if (findings.some((finding) => finding.state === "missing")) exit(EXIT.no);
    });
};
