import { DrydockError } from "../../labs/src/errors.ts";
import { SetUpFailed } from "../../labs/src/grading/set-up-failed.ts";

/** What the page is told about a failure: the contract's error body. */
export interface Failure {
  code: string;
  message: string;
  advice?: string;
  /** What a program printed that failed, apart from `message`. */
  output?: string;
}

/**
 * Anything thrown, as the page is told. What is not a DrydockError is a fault of the program: its
 * text stays in the log.
 */
export function describeFailure(error: unknown): Failure {
  if (error instanceof SetUpFailed) {
    return { code: error.code, message: error.summary, advice: error.advice, output: error.output };
  }
  if (error instanceof DrydockError) return { code: error.code, message: error.message, advice: error.advice };
  return { code: "server.fault", message: "Something went wrong in the server", advice: "Try again; the server's log says more" };
}

/**
 * The one table from error codes to HTTP statuses. A code that ends in `*` stands for all that
 * begin so; the first that fits counts.
 */
const STATUSES: readonly (readonly [string, number])[] = [
  ["request.too-large", 413],
  ["request.not-json", 415],
  ["request.foreign", 403],
  ["request.unknown", 404],
  ["request.*", 400],
  ["scenario.unknown", 404],
  ["session.unknown", 404],
  ["session.*", 409],
  ["terminal.unknown", 404],
  ["terminal.unknown-host", 400],
  ["terminal.*", 409],
  ["sandbox.lost", 409],
  ["limit.*", 429],
  ["scenario.gone", 409],
  ["capacity.full", 503],
  ["platform.*", 503],
  ["engine.*", 503],
  ["server.stopping", 503],
  ["operator.refused", 401],
  ["restore.unknown", 404],
  ["restore.*", 409],
  ["store.full", 507],
  ["store.duplicate", 409],
];

/** The HTTP status of an error code; 500 where the table has none. */
export function statusOf(code: string): number {
  const row = STATUSES.find(([pattern]) => (pattern.endsWith("*") ? code.startsWith(pattern.slice(0, -1)) : code === pattern));
  return row?.[1] ?? 500;
}

/** After how many seconds it is worth asking again, of those refusals that pass by themselves. */
const RETRY_AFTER_S: Record<string, number> = {
  "limit.pages": 10,
  "limit.windows": 10,
  "limit.queue": 30,
  "limit.sessions": 60,
  "limit.address": 60,
  "capacity.full": 30,
};

/** The value of the header Retry-After for an error code; undefined where it is not known. */
export function retryAfter(code: string): number | undefined {
  return RETRY_AFTER_S[code];
}
