import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DrydockError } from "../errors.ts";
import { plainLine } from "../plain-text.ts";
import type { Scenario } from "../scenarios/schema.ts";
import { notRun, type Submitted, submittedOf } from "./graded.ts";
import { runScript, type ExecSandbox } from "./script.ts";
import type { Submission } from "./submission/read.ts";

export { readSubmission, type Submission } from "./submission/read.ts";

const APPLY = readFileSync(join(import.meta.dirname, "apply-manifests.sh"), "utf8");

export interface SubmitOptions {
  timeoutMs: number;
  signal?: AbortSignal;
}

/**
 * Does in the sandbox what was handed in: the script as the learner on the task's host, with
 * everything that a learner's shell has; or its manifests by kubectl there. What fails in it is no
 * error of ours: the checks judge the state afterwards. A sandbox that is gone is an ending too.
 * Rejects only when it is aborted.
 */
export async function submit(
  scenario: Pick<Scenario, "host">,
  sandbox: ExecSandbox,
  submission: Submission,
  options: SubmitOptions,
): Promise<Submitted> {
  try {
    const limits = { as: "learner", strict: false, ...options } as const;
    if (submission.kind === "script") return submittedOf(await runScript(sandbox, scenario.host, submission.script, limits));
    const steps = submission.steps.map((step) => `${step.with} ${step.path}\n`).join("");
    const files = [
      { path: "steps", content: steps },
      ...submission.files.map((file) => ({ ...file, path: `submission/${file.path}` })),
    ];
    return submittedOf(await runScript(sandbox, scenario.host, APPLY, { ...limits, files }));
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const reason = plainLine(error instanceof DrydockError ? error.message : String(error));
    return { ...notRun(reason), ending: { how: "lost", reason } };
  }
}
