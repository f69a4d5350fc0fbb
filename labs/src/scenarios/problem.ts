import { DrydockError } from "../errors.ts";

/** Something wrong in a scenario's files, with the place where it is. */
export interface Problem {
  /** Absolute path. */
  file: string;
  /** Counted from 1; absent where the whole file is meant (or missing). */
  line?: number;
  message: string;
}

/** `file:line: message`, as compilers and editors know it. */
export function formatProblem(problem: Problem): string {
  return `${problem.file}${problem.line === undefined ? "" : `:${problem.line}`}: ${problem.message}`;
}

/** The error of a scenario that can't be used. */
export function invalidScenario(slug: string, problems: readonly Problem[]): DrydockError {
  const list = problems.map((one) => `  ${formatProblem(one)}`).join("\n");
  return new DrydockError("scenario.invalid", `The scenario ${slug} has mistakes:\n${list}`, {
    advice: "`drydock lint` shows all of them",
  });
}
