import { describeFailure } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "./metrics.ts";

/** Logs and counts a failure behind the scenes, of which no learner is told. */
export function noteFailure(
  { log, metrics }: { log: Log; metrics: Pick<Metrics, "error"> },
  error: unknown,
  text: string,
  context: object = {},
): void {
  log.warn({ err: error, ...context }, text);
  metrics.error(describeFailure(error).code);
}
