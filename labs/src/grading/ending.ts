import { z } from "zod";

/** How a submission ended. The words are the same on screen, in JSON and in JUnit. */
export const endingSchema = z.discriminatedUnion("how", [
  z
    .strictObject({ how: z.literal("ended"), exitStatus: z.number().int().min(0).max(255) })
    .describe("it came to its own end, with this exit status; any status is judged by the state that it left"),
  z
    .strictObject({ how: z.literal("stopped"), limitSeconds: z.number().positive() })
    .describe("it ran longer than its time limit and was stopped by the grader; what it had done by then is judged"),
  z
    .strictObject({ how: z.literal("killed"), signal: z.string() })
    .describe(
      "a signal that the grader did not send ended it (`SIGKILL`: perhaps for want of memory, or by itself); the state is judged",
    ),
  z
    .strictObject({ how: z.literal("lost"), reason: z.string() })
    .describe("the grader lost sight of it: its host, or the way there, was gone before it ended"),
  z
    .strictObject({ how: z.literal("not-run"), reason: z.string() })
    .describe("it did not come to that: there was nothing to run, or no sandbox to run it in"),
]);
export type Ending = z.infer<typeof endingSchema>;

/** The ending as a person reads it, to follow "The submission ": `ended with exit status 3`. */
export function wordEnding(ending: Ending): string {
  switch (ending.how) {
    case "ended":
      return `ended with exit status ${ending.exitStatus}`;
    case "stopped":
      return `was stopped after ${ending.limitSeconds} s, its time limit`;
    case "killed":
      return `was killed by ${ending.signal}`;
    case "lost":
      return `was lost: ${ending.reason}`;
    case "not-run":
      return `was not run: ${ending.reason}`;
  }
}
