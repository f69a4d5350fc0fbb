import type { Request, RequestHandler, Response } from "express";
import { DrydockError } from "../../../labs/src/errors.ts";
import type { Asker } from "../limits/limits.ts";
import { bound } from "../log/bounded.ts";
import { hostOf, type Guard } from "./guard.ts";
import { learnerCookies, learnerOf, newLearner } from "./learner.ts";
import type { Origins } from "./origin.ts";

const SAFE = new Set(["GET", "HEAD"]);

/**
 * Refuses what does not come from our own page: another Host, another Origin, a state-changing
 * request without one or without a JSON body.
 */
export function gate(guard: Guard): RequestHandler {
  return (request, _response, next) => {
    const host = hostOf(request);
    const { origin } = request.headers;
    const safe = SAFE.has(request.method);
    if (!guard.allowsHost(host))
      throw foreign(`This server is not ${host === undefined ? "without a name, nor with several" : bound(host)}`);
    if ((origin !== undefined || !safe) && !guard.allowsOrigin(origin))
      throw foreign(`${origin === undefined ? "A request without an origin" : bound(origin)} may not ask this`);
    if (!safe && request.method !== "DELETE" && !isJson(request)) {
      throw new DrydockError("request.not-json", "The content type must be application/json");
    }
    next();
  };
}

function foreign(message: string): DrydockError {
  return new DrydockError("request.foreign", message, {
    advice: "Names other than this machine's own are given in DRYDOCK_HOSTS",
  });
}

function isJson(request: Request): boolean {
  return /^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "");
}

/**
 * Headers that every answer has. Styles may be inline, because the terminal makes some; scripts
 * never.
 */
export function securityHeaders(guard: Guard): RequestHandler {
  return (request, response, next) => {
    const host = hostOf(request);
    const sockets = guard.allowsHost(host) ? ` ws://${host} wss://${host}` : "";
    response.set({
      "Content-Security-Policy": [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        `connect-src 'self'${sockets}`,
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join("; "),
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
      "Referrer-Policy": "no-referrer",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Resource-Policy": "same-origin",
    });
    next();
  };
}

/** Finds out who asks, and from where; a browser that comes for the first time gets a cookie. */
export function recognise(origins: Origins): RequestHandler {
  return (request, response: Response, next) => {
    const learner = learnerOf(request) ?? newLearner();
    for (const cookie of learnerCookies(request, learner, origins.isSecure(request))) response.append("Set-Cookie", cookie);
    const asker: Asker = { learner: learner.id, address: origins.addressOf(request) };
    response.locals.asker = asker;
    response.set("Cache-Control", "no-store");
    next();
  };
}
