import { z } from "zod";
import { DrydockError } from "./errors.ts";

/** What a person is told about a setting; the README's table is made of it. */
export interface About {
  meaning: string;
  /** What may stand in it, after "must be". */
  allowed: string;
  /** In words or as the value itself. */
  default: string;
}

const abouts = z.registry<About>();

/** Describes a setting. One without a description is not the project's own, and is only read. */
export function setting<S extends z.ZodType>(schema: S, about: About): S {
  abouts.add(schema, about);
  return schema;
}

/** A whole number in digits, within bounds. */
export function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most));
}

/** A number in digits, with or without a fraction, within bounds. */
export function decimal(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9})?$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most));
}

/** Longest part of a value that a message repeats. */
const SHOWN_CHARS = 60;

/**
 * The settings that a schema finds in the environment. An empty one is wrong too: it says less than
 * one that is not there.
 * @throws DrydockError `config.invalid`, which names each variable that is wrong and what it may be
 */
export function parseEnvironment<S extends z.ZodObject>(schema: S, env: NodeJS.ProcessEnv): z.infer<S> {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const wrong = new Set(parsed.error.issues.map(({ path }) => String(path[0])));
  const said = [...wrong].map((name) => {
    const about = aboutOf(schema, name);
    const value = env[name] ?? "";
    const shown = value === "" ? "empty" : JSON.stringify(value.length > SHOWN_CHARS ? `${value.slice(0, SHOWN_CHARS)}…` : value);
    return `${name} is ${shown}, but must be ${about?.allowed} (default: ${about?.default})`;
  });
  throw new DrydockError("config.invalid", said.join(".\n"), {
    advice: wrong.size === 1 ? "Correct or unset it" : "Correct or unset them",
  });
}

/** The rows of the table of settings, in Markdown, in the order of the schema. */
export function settingsTable(schema: z.ZodObject): string[] {
  return Object.keys(schema.shape).flatMap((name) => {
    const about = aboutOf(schema, name);
    return about ? [`| \`${name}\` | ${about.meaning} | ${about.allowed} | ${about.default} |`] : [];
  });
}

function aboutOf(schema: z.ZodObject, name: string): About | undefined {
  return abouts.get(schema.shape[name] as z.ZodType);
}
