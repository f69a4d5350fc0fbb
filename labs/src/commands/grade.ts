import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { gradeSubmission } from "../grading/grade.ts";
import { reportToJunit } from "../grading/junit.ts";
import { readSubmission } from "../grading/submit.ts";
import { findScenario, parseSeconds, type DefineCommand } from "./cli-context.ts";
import { showReport, statusOf } from "./show-report.ts";
import { makeSandboxes } from "./use-platform.ts";

interface Options {
  submission: string;
  json?: string;
  junit?: string;
  timeout: string;
}

/** `drydock grade <scenario> --submission <file or folder>` */
export const defineGrade: DefineCommand = (program, cli, exit) => {
  program
    .command("grade")
    .description("grade a submission in a fresh sandbox; exit status 0 passed, 1 not passed, 2 could not be judged")
    .argument("<scenario>")
    .requiredOption(
      "--submission <path>",
      "a shell script, run as the learner on the task's host; or a folder of manifests, applied in name order",
    )
    .option("--json <file>", "write the report as JSON")
    .option("--junit <file>", "write the report as JUnit XML")
    .option("--timeout <seconds>", "time limit of the submission", "300")
    .action(async (name: string, options: Options) => {
      const scenario = findScenario(cli, name);
      const submission = await readSubmission(resolve(options.submission));
      const timeoutMs = parseSeconds(options.timeout);
      const { report, submitted } = await makeSandboxes(cli, "cli", (provider, progress) =>
        gradeSubmission(scenario, submission, { provider, owner: "cli", timeoutMs, progress, signal: cli.signal }),
      );
      if (submitted?.timedOut)
        cli.say(`The submission was stopped after ${options.timeout} s; what it had done by then is judged`);
      else if (submitted && submitted.exitCode !== 0)
        cli.say(`The submission ended with exit status ${submitted.exitCode}:\n${ending(submitted.stderr || submitted.stdout)}`);
      for (const line of showReport(report)) cli.print(line);
      if (options.json) await writeFile(options.json, `${JSON.stringify({ ...report, submission: submitted }, undefined, 2)}\n`);
      if (options.junit) await writeFile(options.junit, reportToJunit(report));
      exit(statusOf(report));
    });
};

function ending(text: string): string {
  return text.trimEnd().split("\n").slice(-10).join("\n");
}
