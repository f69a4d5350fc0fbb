import express, { type Express } from "express";
import { DrydockError } from "../../../labs/src/errors.ts";
import type { ServerEvent } from "../contract.ts";
import type { Events } from "../events.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { createOperatorApi, type Operator } from "../operator/routes.ts";
import { account, concerning, named } from "./account.ts";
import { streamEvents } from "./events.ts";
import { gate, recognise, securityHeaders } from "./gate.ts";
import type { Guard } from "./guard.ts";
import type { Limits } from "../limits/limits.ts";
import type { Origins } from "./origin.ts";
import { tellMetrics } from "./metrics.ts";
import { servePage } from "./page.ts";
import { answerErrors } from "./respond.ts";
import { createApi, type ApiParts } from "./routes.ts";

const MOST_BODY_BYTES = 64 * 1024;

export interface AppParts extends ApiParts {
  guard: Guard;
  origins: Origins;
  limits: Limits;
  events: Events;
  log: Log;
  metrics: Metrics;
  /** The folder of the built page. */
  pageDir: string;
  present: (learner: string) => Promise<ServerEvent[]>;
  operator?: Operator;
}

/**
 * The page, the API, and the metrics for whoever may open the page. `close` ends the event streams,
 * which would keep a server from stopping.
 */
export function createApp(parts: AppParts): { app: Express; close: () => void } {
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.use(account(parts.log, parts.metrics), securityHeaders(parts.guard), gate(parts.guard));
  app.get("/metrics", tellMetrics(parts.metrics));
  const stream = streamEvents(parts);
  const json = express.json({ limit: MOST_BODY_BYTES, type: "application/json" });
  if (parts.operator) app.use("/api/operator", json, createOperatorApi(parts.operator));
  const api = express.Router();
  api.use(recognise(parts.origins));
  api.get("/events", named("/api/events"), stream.handle);
  api.use("/sessions/:id", concerning());
  api.use(json, createApi(parts));
  api.use(() => {
    throw new DrydockError("request.unknown", "There is no such thing here");
  });
  app.use("/api", api);
  app.use(named("page"), servePage(parts.pageDir));
  app.use(answerErrors());
  return { app, close: stream.close };
}
