import { z } from "zod";

/**
 * What the command line asks of a server that runs, with the token of its data directory as
 * `Authorization: Bearer`. The page knows nothing of it.
 *
 *   POST /api/operator/restore  restoreRequest → 202 restoreState   the server closes, swaps its
 * database and opens again
 *   GET  /api/operator/restore                 → restoreState       of the last one; refused
 * connections in between are part of it
 */
export const restoreRequestSchema = z.strictObject({
  /** The name of a staged copy in the data directory. */
  staged: z.string().max(100),
});

export const restoreStateSchema = z.object({
  staged: z.string().optional(),
  state: z.enum(["none", "running", "done", "failed"]),
  /** Where the database before is kept. */
  kept: z.string().optional(),
  error: z.object({ code: z.string(), message: z.string(), advice: z.string().optional() }).optional(),
});
export type RestoreState = z.infer<typeof restoreStateSchema>;
