import type { Report } from "../checks/outcome.ts";
import { runChecks } from "../checks/run.ts";
import { describeError } from "../errors.ts";
import { plainLine } from "../plain-text.ts";
import type { Progress } from "../progress.ts";
import type { Owner, Sandbox, SandboxProvider } from "../sandbox/provider.ts";
import type { Scenario } from "../scenarios/schema.ts";
import { preparedSandbox } from "./fresh-sandbox.ts";
import { failUnjudged, type Graded, notRun, plainReport, type Submitted, unjudged } from "./graded.ts";
import { secondLook as lookAtCluster, type SecondLook } from "./second-look.ts";
import { submit, type Submission } from "./submit.ts";

export interface GradeOptions {
  provider: Pick<SandboxProvider, "create" | "remove">;
  owner: Owner;
  /** Limit of the submission. */
  timeoutMs: number;
  progress: Progress;
  signal?: AbortSignal;
  /** Takes the removal of the sandbox over, so that the result need not wait for it. */
  onRemoving?: (removal: Promise<void>) => void;
  /** How a cluster in which nothing can be judged is looked at; for tests. */
  secondLook?: SecondLook;
}

/** What one go in one sandbox gave. */
interface Attempt {
  report: Report;
  submitted: Submitted;
  /**
   * What had gone wrong, where something had: before the submission could be run; while it ran,
   * which its sandbox outlived; or with the sandbox, after it.
   */
  trouble?: { when: "before" | "meanwhile" | "after"; what: string };
  remarks: string[];
}

/**
 * Grades a submission in a fresh sandbox: set-up, the submission, the checks; the sandbox is
 * removed however it ends. Where checks cannot be judged, it is found out why: the control plane is
 * restarted and looked at again, and a sandbox that is broken after the submission is tried against
 * a second one. Broken in both, though both came up: the submission did it, and is not passed.
 * Anything else that keeps it from being judged makes each check an `error`. Rejects only when it
 * is aborted.
 */
export async function gradeSubmission(scenario: Scenario, submission: Submission, options: GradeOptions): Promise<Graded> {
  const first = await attempt(scenario, submission, options);
  if (first.report.verdict !== "error") return graded(submission, first);
  if (first.trouble?.when === "before") return graded(submission, first, { whose: "machine", reason: first.trouble.what });
  if (!first.trouble) return graded(submission, first, { whose: "unclear", reason: UNCLEAR });

  const second = await attempt(scenario, submission, options);
  const remark = `In a first sandbox this was found: ${first.trouble.what}. It was graded again in a fresh one`;
  const both = { ...second, remarks: [...first.remarks, remark, ...second.remarks] };
  if (second.report.verdict !== "error") return graded(submission, both);
  if (second.trouble?.when === "before") {
    const reason = `${first.trouble.what}, and no second sandbox could be made: ${second.trouble.what}`;
    return graded(submission, both, { whose: "machine", reason });
  }
  if (first.trouble.when !== "after" || second.trouble?.when !== "after") {
    return graded(submission, both, { whose: "unclear", reason: second.trouble?.what ?? UNCLEAR });
  }
  const reason = `${second.trouble.what}; so it was in two sandboxes that both were in order before the submission ran`;
  const report = failUnjudged(second.report, second.trouble.what);
  return graded(submission, { ...both, report }, { whose: "submission", reason });
}

const UNCLEAR = "the cluster answers, but not every check could be judged, nor at a second try";

async function attempt(scenario: Scenario, submission: Submission, options: GradeOptions): Promise<Attempt> {
  const { progress, signal } = options;
  const startedAt = Date.now();
  let submitted: Submitted | undefined;
  let judged: Omit<Attempt, "submitted"> | undefined;
  try {
    await preparedSandbox(
      scenario,
      options,
    )(async (sandbox) => {
      const ran = (submitted = await progress.phase({ id: "submission", title: "Running the submission" }, () =>
        submit(scenario, sandbox, submission, { timeoutMs: options.timeoutMs, signal }),
      ));
      judged = await progress.phase({ id: "checks", title: "Checking" }, () => judge(scenario, sandbox, ran, options));
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    // A verdict stands, even where the sandbox could not be removed after it.
    const what = describeError(error);
    judged ??= {
      report: unjudged(scenario, what, startedAt),
      trouble: { when: submitted ? "after" : "before", what },
      remarks: [],
    };
    submitted ??= notRun(what);
  }
  const { report } = judged!;
  return {
    ...judged!,
    report: { ...report, startedAt: new Date(startedAt).toISOString(), durationMs: Date.now() - startedAt },
    submitted: submitted!,
  };
}

/** The checks' verdict; where they could not be judged, that of a second look. */
async function judge(
  scenario: Scenario,
  sandbox: Sandbox,
  { ending }: Submitted,
  { signal, secondLook = lookAtCluster }: GradeOptions,
): Promise<Omit<Attempt, "submitted">> {
  if (ending.how === "lost") {
    // It may still run there: nothing is judged while it does.
    const health = await secondLook.examine(sandbox, signal);
    const isGone = health.state === "host-gone";
    const what = isGone ? health.reason : `the submission was lost (${ending.reason})`;
    return { report: unjudged(scenario, what, Date.now()), trouble: { when: isGone ? "after" : "meanwhile", what }, remarks: [] };
  }
  const report = await runChecks(scenario, sandbox, { signal });
  if (report.verdict !== "error") return { report, remarks: [] };

  let health = await secondLook.examine(sandbox, signal);
  const wasSilent = health.state === "api-silent";
  if (wasSilent) health = await secondLook.restart(sandbox, signal);
  if (health.state === "answers") {
    const again = await runChecks(scenario, sandbox, { signal });
    const restarted =
      "The API server did not answer after the submission; it did after a restart of the control plane, and was judged then";
    return { report: again, remarks: [wasSilent ? restarted : "Checks that could not be judged at first were tried again"] };
  }
  const what =
    health.state === "api-silent" ? `${health.reason}, nor does it after a restart of the control plane` : health.reason;
  return { report, trouble: { when: "after", what }, remarks: [] };
}

function graded(submission: Submission, { report, submitted, remarks }: Attempt, blame?: Graded["blame"]): Graded {
  return {
    ...plainReport(report),
    submission: submitted,
    ...(blame && { blame: { ...blame, reason: plainLine(blame.reason) } }),
    remarks: [...submission.remarks, ...remarks].map(plainLine),
  };
}
