import {
  attemptSchema,
  catalogueSchema,
  errorSchema,
  platformSchema,
  scenarioDetailSchema,
  sessionSchema,
  solutionSchema,
  terminalSchema,
} from "@drydock/server/contract";
import { z } from "zod";

const sessionsSchema = z.object({ sessions: z.array(sessionSchema) });
const attemptsSchema = z.object({ attempts: z.array(attemptSchema) });

/**
 * A request that was answered with an error, or not at all. `code` is the server's, or
 * `page.unreachable`, `page.odd-answer`. `message` and `advice` are the server's words, for people.
 */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly advice: string | undefined;
  /** After how long it is worth asking again, where the server says so. */
  retryAfterMs: number | undefined;

  constructor(code: string, status: number, message: string, advice?: string, cause?: unknown) {
    super(message, { cause });
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.advice = advice;
  }
}

/**
 * The HTTP half of the contract. Every method resolves with a validated body, or throws an
 * ApiError.
 */
export class Api {
  readonly #fetch: typeof fetch;

  constructor(fetcher: typeof fetch) {
    this.#fetch = fetcher;
  }

  platform = () => this.#call("GET", "/api/platform", platformSchema);
  retryPlatform = () => this.#call("POST", "/api/platform/retry", platformSchema, {});
  catalogue = () => this.#call("GET", "/api/scenarios", catalogueSchema);
  scenario = (slug: string) => this.#call("GET", `/api/scenarios/${slug}`, scenarioDetailSchema);
  attempts = async (slug: string) => (await this.#call("GET", `/api/scenarios/${slug}/attempts`, attemptsSchema)).attempts;
  sessions = async () => (await this.#call("GET", "/api/sessions", sessionsSchema)).sessions;
  start = (scenario: string) => this.#call("POST", "/api/sessions", sessionSchema, { scenario });
  session = (id: string) => this.#call("GET", `/api/sessions/${id}`, sessionSchema);
  end = (id: string) => this.#call("DELETE", `/api/sessions/${id}`, z.undefined());
  check = (id: string) => this.#call("POST", `/api/sessions/${id}/check`, attemptSchema, {});
  reset = (id: string) => this.#call("POST", `/api/sessions/${id}/reset`, sessionSchema, {});
  extend = (id: string) => this.#call("POST", `/api/sessions/${id}/extend`, sessionSchema, {});
  hint = (id: string) => this.#call("POST", `/api/sessions/${id}/hints`, sessionSchema, {});
  solution = async (id: string) => (await this.#call("POST", `/api/sessions/${id}/solution`, solutionSchema, {})).solution;
  openTerminal = (id: string, host: string) => this.#call("POST", `/api/sessions/${id}/terminals`, terminalSchema, { host });
  closeTerminal = (id: string, terminal: string) =>
    this.#call("DELETE", `/api/sessions/${id}/terminals/${terminal}`, z.undefined());

  /**
   * Asks whether a stream of events can be had, and lets go of it at once. Where it can't, the
   * server's reason is thrown.
   */
  askForEvents = async (): Promise<void> => {
    const stop = new AbortController();
    let response: Response;
    try {
      response = await this.#fetch("/api/events", { credentials: "same-origin", signal: stop.signal });
    } catch (cause) {
      throw new ApiError("page.unreachable", 0, "GET /api/events was not answered", undefined, cause);
    }
    if (!response.ok) throw asError(response, await response.json().catch(() => undefined));
    stop.abort();
  };

  async #call<T>(method: string, path: string, schema: z.ZodType<T>, body?: object): Promise<T> {
    const init: RequestInit = { method, credentials: "same-origin", headers: { Accept: "application/json" } };
    if (method !== "GET") {
      init.headers = { ...init.headers, "Content-Type": "application/json" };
      if (body !== undefined) init.body = JSON.stringify(body);
    }
    let response: Response;
    let answer: unknown;
    try {
      response = await this.#fetch(path, init);
      answer = response.status === 204 ? undefined : await response.json();
    } catch (cause) {
      throw new ApiError("page.unreachable", 0, `${method} ${path} was not answered`, undefined, cause);
    }
    if (!response.ok) throw asError(response, answer);
    const parsed = schema.safeParse(answer);
    if (!parsed.success) throw new ApiError("page.odd-answer", response.status, `${method} ${path}: ${parsed.error.message}`);
    return parsed.data;
  }
}

function asError({ status, headers }: Response, answer: unknown): ApiError {
  const parsed = errorSchema.safeParse(answer);
  if (!parsed.success) return new ApiError("page.odd-answer", status, `HTTP ${status}`);
  const { code, message, advice } = parsed.data.error;
  const error = new ApiError(code, status, message, advice);
  error.retryAfterMs = Number(headers.get("Retry-After")) * 1000 || undefined;
  return error;
}

/** What a WebSocket to a terminal's stream is opened with. Sizes in cells. */
export function streamUrl(origin: string, session: string, terminal: string, size: { cols: number; rows: number }): string {
  return `${origin.replace(/^http/, "ws")}/api/sessions/${session}/terminals/${terminal}/stream?cols=${size.cols}&rows=${size.rows}`;
}
