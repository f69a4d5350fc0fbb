import { resolve } from "node:path";
import { DrydockError } from "../errors.ts";
import { gradeInClass } from "./grade-class.ts";
import { gradeOne } from "./grade-one.ts";
import { findScenario, parseSeconds, type DefineCommand } from "./cli-context.ts";
import { parseJobs } from "./jobs.ts";
import { prepareReports } from "./report-files.ts";

interface Options {
  submission?: string;
  submissions?: string;
  json?: string;
  junit?: string;
  csv?: string;
  jobs?: number;
  again?: boolean;
  timeout: string;
}

/**
 * `drydock grade <scenario> --submission <file or folder>`, or `--submissions <folder>` for those
 * of a class.
 */
export const defineGrade: DefineCommand = (program, cli, exit) => {
  program
    .command("grade")
    .description(
      "grade a submission, or those of a class, in fresh sandboxes; exit status 0 passed, 1 not passed, 2 could not be judged",
    )
    .argument("<scenario>")
    .option(
      "--submission <path>",
      "a script, run as the learner on the task's host; or a folder of manifests, applied in name order",
    )
    .option("--submissions <folder>", "a class: a file or a folder for each person, named after them")
    .option("--json <file>", "write the result as JSON")
    .option("--junit <file>", "write the result as JUnit XML")
    .option("--csv <file>", "of a class: write a row for each person")
    .option("--jobs <n>", "of a class: how many sandboxes at once (default: as memory and processors allow)", parseJobs)
    .option("--again", "of a class: grade those too that were graded before and have not changed")
    .option("--timeout <seconds>", "time limit of a submission", "300")
    .addHelpText("after", HELP)
    .action(async (name: string, options: Options) => {
      const { submission, submissions, json, junit, csv } = options;
      const scenario = findScenario(cli, name);
      const timeoutMs = parseSeconds(options.timeout);
      if ((submission === undefined) === (submissions === undefined)) {
        throw new DrydockError("cli.submission", "Give either --submission or --submissions");
      }
      if (submission !== undefined) {
        const alien = (["csv", "jobs", "again"] as const).find((option) => options[option] !== undefined);
        if (alien) throw new DrydockError("cli.submission", `--${alien} is for a class: it goes with --submissions`);
      }
      await prepareReports({ json, junit, csv });
      const work =
        submissions === undefined
          ? gradeOne(cli, scenario, { path: resolve(submission!), timeoutMs, json, junit })
          : gradeInClass(cli, scenario, { ...options, folder: resolve(submissions), timeoutMs });
      exit(await work);
    });
};

const HELP = `
In a folder of a class every person has <name>.sh, <name>/<scenario>.sh, or <name>/ with manifests or one script. What was graded
is kept: run the same command again after an interruption, or when more was handed in, and only what is new is graded.`;
