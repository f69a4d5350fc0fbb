import type { RequestHandler } from "express";
import type { Metrics } from "../metrics/metrics.ts";

/**
 * Everything that is measured, as text in the format of Prometheus. It says nothing of anybody, so
 * it needs no learner.
 */
export function tellMetrics({ registry }: Metrics): RequestHandler {
  return async (_request, response) => {
    response.locals.route = "/metrics";
    const text = await registry.metrics();
    response.set({ "Content-Type": registry.contentType, "Cache-Control": "no-store" }).send(text);
  };
}
