/**
 * An error that a person may see: `message` names the operation that failed, `advice` says what to
 * do next. Code matches on `code`, never on text; the original error stays in `cause`.
 */
export class DrydockError extends Error {
  readonly code: string;
  readonly advice: string | undefined;

  constructor(code: string, message: string, options: { advice?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "DrydockError";
    this.code = code;
    this.advice = options.advice;
  }
}

/** The message of anything thrown, with the advice of a {@link DrydockError} after it. */
export function describeError(error: unknown): string {
  if (error instanceof DrydockError) return error.advice ? `${error.message}. ${error.advice}` : error.message;
  return error instanceof Error ? error.message : String(error);
}
