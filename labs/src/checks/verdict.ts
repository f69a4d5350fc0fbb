import { isDeepStrictEqual } from "node:util";
import type { Text } from "../scenarios/schema.ts";

/** A text for people: English alone, or English and Korean. */
export type TextLike = string | Text;

/**
 * What a check function answers: the state is as asked for, or not, with what was expected and what
 * was found.
 */
export type Verdict = { outcome: "passed" } | { outcome: "failed"; expected: Text; found: Text };

/** What the learner reads as "found": a text, or a function that words the value that was there. */
export type Found<T> = TextLike | ((actual: T) => TextLike);

export function toText(text: TextLike): Text {
  return typeof text === "string" ? { en: text } : text;
}

/** The state is as asked for. */
export function passed(): Verdict {
  return { outcome: "passed" };
}

/** The state is not as asked for. Both texts are whole phrases that a learner understands. */
export function failed(expected: TextLike, found: TextLike): Verdict {
  return { outcome: "failed", expected: toText(expected), found: toText(found) };
}

/**
 * Thrown deep inside a check where the state turns out not to be as asked for: the check has
 * failed, in these words. What else is thrown means that the state could not be judged.
 */
export class StateFailure extends Error {
  readonly verdict: Verdict;

  constructor(expected: TextLike, found: TextLike) {
    super(toText(found).en);
    this.name = "StateFailure";
    this.verdict = failed(expected, found);
  }
}

/**
 * The first verdict that failed, or passed. Takes verdicts, promises of them and functions;
 * functions are called one after another, and not at all once one has failed. What the first of
 * them throws in that order is thrown; the rejections of promises after it are taken care of.
 */
export async function all(...parts: (Verdict | Promise<Verdict> | (() => Verdict | Promise<Verdict>))[]): Promise<Verdict> {
  // A promise may be rejected long before, or without ever, being looked at: unhandled, that would
  // end the checker's process.
  for (const part of parts) if (part instanceof Promise) part.catch(() => undefined);
  for (const part of parts) {
    const verdict = await (typeof part === "function" ? part() : part);
    if (verdict.outcome === "failed") return verdict;
  }
  return passed();
}

/** How a value is shown where no text was given. */
export function show(value: unknown): TextLike {
  if (value === undefined || value === null) return { en: "not set", ko: "설정되지 않음" };
  if (typeof value === "string") return value === "" ? { en: "an empty text", ko: "빈 문자열" } : value;
  if (Array.isArray(value) && value.length === 0) return { en: "none", ko: "없음" };
  const text = JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/**
 * Assertions that answer a {@link Verdict} instead of throwing. The text says what was expected
 * ("node01 is cordoned"); without one the expected value is shown. `found` words what was there;
 * without it the actual value is shown.
 */
export class Expectation<T> {
  readonly #actual: T;

  constructor(actual: T) {
    this.#actual = actual;
  }

  /** The same value (Object.is). */
  toBe(value: T, expected?: TextLike, found?: Found<T>): Verdict {
    return this.#judge(Object.is(this.#actual, value), expected ?? show(value), found);
  }

  /** Equal in structure. */
  toEqual(value: unknown, expected?: TextLike, found?: Found<T>): Verdict {
    return this.#judge(isDeepStrictEqual(this.#actual, value), expected ?? show(value), found);
  }

  /** A text that contains a text, or an array that has an element equal to it. */
  toContain(part: unknown, expected?: TextLike, found?: Found<T>): Verdict {
    const actual: unknown = this.#actual;
    const holds =
      typeof actual === "string"
        ? actual.includes(String(part))
        : Array.isArray(actual) && actual.some((one) => isDeepStrictEqual(one, part));
    return this.#judge(holds, expected ?? show(part), found);
  }

  /** A text that matches. */
  toMatch(pattern: RegExp, expected?: TextLike, found?: Found<T>): Verdict {
    return this.#judge(typeof this.#actual === "string" && pattern.test(this.#actual), expected ?? String(pattern), found);
  }

  toBeAtLeast(least: number, expected?: TextLike, found?: Found<T>): Verdict {
    const text = expected ?? { en: `at least ${least}`, ko: `${least} 이상` };
    return this.#judge(typeof this.#actual === "number" && this.#actual >= least, text, found);
  }

  toBeAtMost(most: number, expected?: TextLike, found?: Found<T>): Verdict {
    const text = expected ?? { en: `at most ${most}`, ko: `${most} 이하` };
    return this.#judge(typeof this.#actual === "number" && this.#actual <= most, text, found);
  }

  /** Neither undefined nor null. */
  toExist(expected?: TextLike, found?: Found<T>): Verdict {
    const exists = this.#actual !== undefined && this.#actual !== null;
    return this.#judge(
      exists,
      expected ?? { en: "exists", ko: "존재함" },
      found ?? { en: "it does not exist", ko: "존재하지 않음" },
    );
  }

  /** An array or text of length 0. */
  toBeEmpty(expected?: TextLike, found?: Found<T>): Verdict {
    const length = (this.#actual as { length?: number } | undefined)?.length;
    return this.#judge(length === 0, expected ?? { en: "none", ko: "없음" }, found);
  }

  /** Any condition, for what has no assertion of its own. */
  toSatisfy(holds: (actual: T) => boolean, expected: TextLike, found?: Found<T>): Verdict {
    return this.#judge(holds(this.#actual), expected, found);
  }

  #judge(holds: boolean, expected: TextLike, found: Found<T> | undefined): Verdict {
    if (holds) return passed();
    const worded = typeof found === "function" ? found(this.#actual) : found;
    return failed(expected, worded ?? show(this.#actual));
  }
}

/** Begins an assertion on a value; see {@link Expectation}. */
export function expect<T>(actual: T): Expectation<T> {
  return new Expectation(actual);
}
