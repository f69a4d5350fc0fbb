import { z } from "zod";
import { textSchema, type Text } from "../scenarios/schema.ts";

/**
 * What one check found. `failed` says expected and found in words a learner understands; `error`
 * means that it could not be judged: never a failure, never a pass.
 */
export const checkResultSchema = z.strictObject({
  id: z.string(),
  title: textSchema,
  points: z.number().int(),
  outcome: z.enum(["passed", "failed", "error"]),
  expected: textSchema.optional(),
  found: textSchema.optional(),
  /** Why it could not be judged, for `error`. */
  reason: z.string().optional(),
  durationMs: z.number(),
});
export type CheckResult = z.infer<typeof checkResultSchema>;

/**
 * A graded attempt. `passed`: every check passed; `error`: at least one could not be judged, so
 * that there is no verdict.
 */
export const reportSchema = z.strictObject({
  scenario: z.string(),
  verdict: z.enum(["passed", "failed", "error"]),
  points: z.number().int(),
  maxPoints: z.number().int(),
  checks: z.array(checkResultSchema),
  /** ISO 8601. */
  startedAt: z.string(),
  durationMs: z.number(),
});
export type Report = z.infer<typeof reportSchema>;

/**
 * The guards that failed: checks that are worth no points and that a passed attempt has to pass all
 * the same.
 */
export function failedGuards({ checks }: Pick<Report, "checks">): CheckResult[] {
  return checks.filter(({ points, outcome }) => points === 0 && outcome === "failed");
}

/**
 * The verdict in words that hold: where guards alone keep a report with all its points from being
 * passed, they are named.
 */
export function describeVerdict(report: Report): Text {
  if (report.verdict === "passed") return { en: "passed", ko: "통과" };
  if (report.verdict === "error") return { en: "could not be judged", ko: "판정할 수 없음" };
  if (report.points < report.maxPoints) return { en: "not passed", ko: "통과하지 못함" };
  const titles = (language: "en" | "ko") =>
    failedGuards(report)
      .map(({ title }) => `“${title[language] ?? title.en}”`)
      .join(", ");
  return {
    en: `not passed, because what must hold besides does not: ${titles("en")}`,
    ko: `통과하지 못함: 배점은 없지만 지켜야 할 조건이 지켜지지 않음: ${titles("ko")}`,
  };
}
