import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from "express";
import type { z } from "zod";
import { DrydockError } from "../../../labs/src/errors.ts";
import { describeFailure, retryAfter, statusOf } from "../errors.ts";
import type { Noted } from "./account.ts";
import type { Asker } from "../limits/limits.ts";

/**
 * A request to the API, after it was seen to come from our own page (or from no page at all) and
 * from whom.
 */
export interface Asked<Body = unknown> {
  asker: Asker;
  /** The id of the learner who asks. */
  learner: string;
  /** A parameter of the path. */
  param: (name: string) => string;
  body: Body;
}

interface Answer {
  status?: number;
  body?: unknown;
  /** The session that the request concerns, where its path does not say it. */
  session?: string;
}

/**
 * A handler that is given the checked body and answers a body, with 200 unless it says otherwise.
 * Without a schema there is no body.
 */
export function answering<S extends z.ZodType>(
  schema: S | undefined,
  work: (asked: Asked<z.infer<S>>) => Promise<Answer> | Answer,
): RequestHandler {
  return async (request: Request, response: Response) => {
    const noted = response.locals as Noted;
    noted.route = `${request.baseUrl}${(request.route as { path: string }).path}`;
    const body = schema ? parseBody(schema, request.body) : undefined;
    const param = (name: string) => String(request.params[name] ?? "");
    const asker = askerOf(response);
    const asked = { asker, learner: asker?.learner, param, body: body as z.infer<S> };
    const { status = 200, body: answer, session } = await work(asked);
    if (session) noted.session = session;
    response.status(status);
    if (answer === undefined) response.end();
    else response.json(answer);
    noted.answered?.();
  };
}

/** Who asks, as `recognise` found out. */
export function askerOf(response: Response): Asker {
  return response.locals.asker as Asker;
}

function parseBody<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.length ? `${issue.path.map(String).join(".")}: ` : "";
  throw new DrydockError("request.invalid", `${where}${issue?.message ?? "not what was expected"}`);
}

/**
 * The last handler: every error as the contract's body, with the status of its code. The log is
 * told by `account`.
 */
export function answerErrors(): ErrorRequestHandler {
  return (error: unknown, _request: Request, response: Response, next: NextFunction) => {
    const worded = wordBodyError(error);
    const failure = describeFailure(worded);
    const noted = response.locals as Noted;
    noted.failure = { ...failure, error: worded };
    if (response.headersSent) return next(error);
    const retryAfterS = retryAfter(failure.code);
    if (retryAfterS !== undefined) response.set("Retry-After", String(retryAfterS));
    response.status(statusOf(failure.code)).json({ error: failure });
    noted.answered?.();
  };
}

/** What express says about a body or a path, in the contract's codes. */
function wordBodyError(error: unknown): unknown {
  const { type, status } = error as { type?: unknown; status?: unknown };
  if (type === "entity.too.large")
    return new DrydockError("request.too-large", "The body is larger than 64 KiB", { cause: error });
  if (type === "entity.parse.failed") return new DrydockError("request.invalid", "The body is not JSON", { cause: error });
  if (status === 404) return new DrydockError("request.unknown", "There is no such thing here", { cause: error });
  if (status === 415) return new DrydockError("request.not-json", "The body must be JSON in UTF-8", { cause: error });
  if (typeof status === "number" && status >= 400 && status < 500)
    return new DrydockError("request.invalid", "The request cannot be read", { cause: error });
  return error;
}
