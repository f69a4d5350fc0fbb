import { z } from "zod";
import { textSchema } from "../scenarios/schema.ts";

/**
 * What one check found. `failed` says expected and found in words a learner understands; `error` means that it could not be judged:
 * never a failure, never a pass.
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

/** A graded attempt. `passed`: every check passed; `error`: at least one could not be judged, so that there is no verdict. */
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
