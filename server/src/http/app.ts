import express, { type Express } from "express";
import { DrydockError } from "../../../labs/src/errors.ts";
import type { ServerEvent } from "../contract.ts";
import type { Events } from "../events.ts";
import type { Log } from "../log.ts";
import { streamEvents } from "./events.ts";
import { gate, recognise, securityHeaders } from "./gate.ts";
import type { Guard } from "./guard.ts";
import { servePage } from "./page.ts";
import { answerErrors } from "./respond.ts";
import { createApi, type ApiParts } from "./routes.ts";

const MOST_BODY_BYTES = 64 * 1024;

export interface AppParts extends ApiParts {
  guard: Guard;
  events: Events;
  log: Log;
  /** The folder of the built page. */
  pageDir: string;
  present: (learner: string) => Promise<ServerEvent[]>;
}

/** The page and the API. `close` ends the event streams, which would keep a server from stopping. */
export function createApp(parts: AppParts): { app: Express; close: () => void } {
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.use(securityHeaders(), gate(parts.guard));
  const stream = streamEvents(parts);
  const api = express.Router();
  api.use(recognise());
  api.get("/events", stream.handle);
  api.use(express.json({ limit: MOST_BODY_BYTES, type: "application/json" }), createApi(parts));
  api.use(() => {
    throw new DrydockError("request.unknown", "There is no such thing here");
  });
  app.use("/api", api);
  app.use(servePage(parts.pageDir));
  app.use(answerErrors(parts.log));
  return { app, close: stream.close };
}
