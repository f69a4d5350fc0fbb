import type { RequestHandler, Response } from "express";
import type { Failure } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";

/** What the handlers of a request note of it for {@link account}. */
export interface Noted {
  /** The pattern of the route; requests without one are counted together. */
  route?: string;
  /** The session that it concerns. */
  session?: string;
  failure?: Failure & { error: unknown };
  /** Called when the answer is given, though whoever asked may have left. */
  answered?: () => void;
}

const SAFE = new Set(["GET", "HEAD"]);

/**
 * Counts every request, and writes one line to the log about each that failed or was to change
 * something. Neither the path nor the cookie is written: one may hold anything, the other says who
 * asks.
 */
export function account(log: Log, metrics: Metrics): RequestHandler {
  return (request, response: Response, next) => {
    const startedAt = performance.now();
    const tell = () => {
      const { route = "other", session, failure } = response.locals as Noted;
      const { method } = request;
      const status = response.statusCode;
      metrics.request(method, route, status);
      if (failure && status >= 500) metrics.error(failure.code);
      if (status < 400 && !failure && SAFE.has(method)) return;
      const line = { session, method, route, status, ms: Math.round(performance.now() - startedAt), code: failure?.code };
      if (failure && status >= 500) log.error({ ...line, err: failure.error }, "request failed");
      else log.info(line, failure?.message ?? "request");
    };
    let gone = false;
    response.on("close", () => {
      gone = true;
      if (response.headersSent) tell();
    });
    // Who leaves during a check does not stop it: how that ended is told all the same.
    (response.locals as Noted).answered = () => void (gone && tell());
    next();
  };
}

/** Notes the session of the path `/sessions/:id`, before anything about the request can fail. */
export function concerning(): RequestHandler {
  return (request, response, next) => {
    response.locals.session = request.params.id;
    next();
  };
}

/**
 * Notes under which pattern requests of a part of the site are counted that has no routes of its
 * own.
 */
export function named(route: string): RequestHandler {
  return (_request, response, next) => {
    response.locals.route = route;
    next();
  };
}
