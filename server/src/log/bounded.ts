import pino from "pino";

/**
 * Most characters of any text in a line of the log, and of an error's stack. The sender of a
 * request chooses parts of it.
 */
const MOST_CHARS = 500;
const MOST_STACK_CHARS = 8000;
const MOST_DEPTH = 4;

/** A text, cut to what a line of the log may hold of it; how much was cut is said. */
export function bound(text: string, mostChars = MOST_CHARS): string {
  return text.length > mostChars ? `${text.slice(0, mostChars)}… (${text.length} characters)` : text;
}

function boundAll(value: unknown, depth = MOST_DEPTH): unknown {
  if (typeof value === "string") return bound(value);
  if (typeof value !== "object" || value === null || value instanceof Error) return value;
  if (depth === 0) return "…";
  if (Array.isArray(value)) return value.slice(0, 100).map((one) => boundAll(one, depth - 1));
  return boundFields(value, depth - 1);
}

function boundFields(value: object, depth = MOST_DEPTH): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, boundAll(one, depth)]));
}

function serializeError(error: Error): unknown {
  const { stack, ...fields } = pino.stdSerializers.err(error) as pino.SerializedError;
  return { ...boundFields(fields), stack: bound(stack ?? "", MOST_STACK_CHARS) };
}

/**
 * What child loggers carry of a request. They know no formatter for what they are made with, only
 * serializers, by name.
 */
const CARRIED = ["session", "terminal", "sandbox", "scenario"];

/** How the server's lines are written: each has a size that it does not exceed. */
export const BOUNDED: pino.LoggerOptions = {
  base: undefined,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { log: (fields) => boundFields(fields) },
  serializers: { err: serializeError, ...Object.fromEntries(CARRIED.map((name) => [name, (value: unknown) => boundAll(value)])) },
  hooks: {
    logMethod(args, method) {
      method.apply(this, args.map((one) => (typeof one === "string" ? bound(one) : one)) as typeof args);
    },
  },
};
