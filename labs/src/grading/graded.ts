import { z } from "zod";
import { type CheckResult, type Report, reportSchema } from "../checks/outcome.ts";
import { describeError } from "../errors.ts";
import { KeptOutput } from "../output.ts";
import { plainLine, plainText } from "../plain-text.ts";
import type { Scenario } from "../scenarios/schema.ts";
import { endingSchema } from "./ending.ts";
import type { ScriptResult } from "./script.ts";
import { isUnusable } from "./submission/read.ts";

/** What came of running a submission. */
export const submittedSchema = z.strictObject({
  ending: endingSchema,
  stdout: z.string().describe("what it printed, without control characters; of a long text the beginning and the end"),
  stderr: z.string(),
  leftOutBytes: z
    .strictObject({ stdout: z.number().int(), stderr: z.number().int() })
    .optional()
    .describe("how many bytes of each stream are not kept; absent where all are"),
  durationMs: z.number(),
});
export type Submitted = z.infer<typeof submittedSchema>;

/** Why there is no verdict of the checks alone. */
export const blameSchema = z.strictObject({
  whose: z
    .enum(["submission", "machine", "unclear"])
    .describe("`submission`: it broke its own cluster, so it is not passed; otherwise nothing was judged"),
  reason: z.string().describe("what was looked at, and what was found"),
});
export type Blame = z.infer<typeof blameSchema>;

/** Whose fault it is that not every check was judged, as a sentence. */
export function wordBlame({ whose, reason }: Blame): string {
  if (whose === "submission") return `The submission broke its own cluster: ${reason}`;
  return whose === "machine"
    ? `The machine's fault, not the submission's: ${reason}`
    : `Whose fault it is is not clear: ${reason}`;
}

/**
 * A submission, graded: the report of the checks, how the submission ended, and what else a person
 * must know. What `drydock grade --json` writes.
 */
export const gradedSchema = reportSchema.extend({
  submission: submittedSchema,
  blame: blameSchema.optional(),
  remarks: z.array(z.string()).describe("what was left out of a submission, read otherwise than written, or looked at twice"),
});
export type Graded = z.infer<typeof gradedSchema>;

export function submittedOf({ ending, stdout, stderr, leftOutBytes, durationMs }: ScriptResult): Submitted {
  const kept = { ending, stdout: plainText(stdout), stderr: plainText(stderr), durationMs };
  return leftOutBytes ? { ...kept, leftOutBytes } : kept;
}

/** A submission that was not run. */
export function notRun(reason: string): Submitted {
  return { ending: { how: "not-run", reason: plainLine(reason) }, stdout: "", stderr: "", durationMs: 0 };
}

/**
 * The report without what a terminal or a CI system would obey: its texts come out of a sandbox.
 */
export function plainReport(report: Report): Report {
  const text = (one: { en: string; ko?: string }) => ({
    en: plainText(one.en) || "–",
    ...(one.ko !== undefined && { ko: plainText(one.ko) || "–" }),
  });
  const checks = report.checks.map(({ expected, found, reason, ...check }): CheckResult => ({
    ...check,
    ...(expected && { expected: text(expected) }),
    ...(found && { found: text(found) }),
    ...(reason !== undefined && { reason: plainText(reason) }),
  }));
  return { ...report, checks };
}

/** A report in which no check was judged, and why. */
export function unjudged(scenario: Scenario, reason: string, startedAtMs: number): Report {
  return untried(scenario, startedAtMs, "error", { reason });
}

/**
 * What is said of a submission that could not even be tried: of one that cannot be run, that it is
 * not passed; otherwise that it could not be judged.
 */
export function ungraded(scenario: Scenario, error: unknown, startedAtMs: number): Graded {
  const why = describeError(error);
  const report = isUnusable(error) ? notPassed(scenario, why, startedAtMs) : unjudged(scenario, why, startedAtMs);
  return { ...plainReport(report), submission: notRun(why), remarks: [] };
}

/** A report of a submission that cannot be run: no check is passed. */
function notPassed(scenario: Scenario, found: string, startedAtMs: number): Report {
  const checks = untried(scenario, startedAtMs, "failed", { found: { en: found } });
  return { ...checks, checks: checks.checks.map((check) => ({ ...check, expected: check.title })) };
}

function untried(
  scenario: Scenario,
  startedAtMs: number,
  outcome: "failed" | "error",
  why: Pick<CheckResult, "found" | "reason">,
): Report {
  return {
    scenario: scenario.slug,
    verdict: outcome,
    points: 0,
    maxPoints: scenario.points,
    checks: scenario.checks.map(({ id, title, points }) => ({ id, title, points, outcome, ...why, durationMs: 0 })),
    startedAt: new Date(startedAtMs).toISOString(),
    durationMs: Date.now() - startedAtMs,
  };
}

/** The report of a submission that broke its own cluster: what could not be judged is failed. */
export function failUnjudged(report: Report, why: string): Report {
  const checks = report.checks.map(({ reason: _reason, ...check }): CheckResult =>
    check.outcome === "error"
      ? { ...check, outcome: "failed", expected: check.title, found: { en: `this could not be looked at: ${why}` } }
      : check,
  );
  return { ...report, checks, verdict: "failed" };
}

/** Of what a submission printed, most bytes of each stream in a short result. */
const SHORT_BYTES = 32 * 1024;

/**
 * The result with less of what the submission printed: for where there are hundreds of them, or
 * where people look at it in a page.
 */
export function shortened(graded: Graded): Graded {
  const { stdout, stderr, leftOutBytes } = graded.submission;
  const [out, err] = [stdout, stderr].map((text) => {
    const kept = new KeptOutput(SHORT_BYTES);
    kept.add(Buffer.from(text));
    return kept;
  }) as [KeptOutput, KeptOutput];
  if (out.leftOutBytes + err.leftOutBytes === 0) return graded;
  const left = { stdout: out.leftOutBytes + (leftOutBytes?.stdout ?? 0), stderr: err.leftOutBytes + (leftOutBytes?.stderr ?? 0) };
  return { ...graded, submission: { ...graded.submission, stdout: out.text(), stderr: err.text(), leftOutBytes: left } };
}
