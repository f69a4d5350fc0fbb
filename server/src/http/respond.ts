import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from "express";
import type { z } from "zod";
import { DrydockError } from "../../../labs/src/errors.ts";
import { describeFailure, statusOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Learner } from "./learner.ts";

/** A request to the API, after it was seen to come from our own page (or from no page at all) and from whom. */
export interface Asked<Body = unknown> {
  learner: Learner;
  /** A parameter of the path. */
  param: (name: string) => string;
  body: Body;
}

type Answer = { status?: number; body?: unknown };

/** A handler that is given the checked body and answers a body, with 200 unless it says otherwise. Without a schema there is no body. */
export function answering<S extends z.ZodType>(
  schema: S | undefined,
  work: (asked: Asked<z.infer<S>>) => Promise<Answer> | Answer,
): RequestHandler {
  return async (request: Request, response: Response) => {
    const body = schema ? parseBody(schema, request.body) : undefined;
    const param = (name: string) => String(request.params[name] ?? "");
    const { status = 200, body: answer } = await work({ learner: learnerOfResponse(response), param, body: body as z.infer<S> });
    response.status(status);
    if (answer === undefined) response.end();
    else response.json(answer);
  };
}

/** Who asks, as the learner's middleware found out. */
export function learnerOfResponse(response: Response): Learner {
  return response.locals.learner as Learner;
}

function parseBody<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.length ? `${issue.path.map(String).join(".")}: ` : "";
  throw new DrydockError("request.invalid", `${where}${issue?.message ?? "not what was expected"}`);
}

/** The last handler: every error as the contract's body, with the status of its code. */
export function answerErrors(log: Log): ErrorRequestHandler {
  return (error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error);
    const worded = wordBodyError(error);
    const failure = describeFailure(worded);
    const status = statusOf(failure.code);
    const line = { method: request.method, path: request.path, status, code: failure.code };
    if (status >= 500) log.error({ ...line, err: worded }, "request failed");
    else log.info(line, failure.message);
    response.status(status).json({ error: failure });
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
