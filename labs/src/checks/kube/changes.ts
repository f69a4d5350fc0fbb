import { defaultsOf } from "./defaults.ts";

/** A difference between what was asked for and what is there. */
export interface Change {
  /** `spec.containers[0].lifecycle` */
  path: string;
  kind: "added" | "changed" | "removed";
}

type Fields = Record<string, unknown>;
interface Created {
  kind: string;
  metadata?: Fields;
}

/** Of an object, what its author does not write, or what is no part of what it does. */
const NOT_COMPARED = new Set(["apiVersion", "kind", "metadata", "status"]);

/**
 * In what an object differs from what was asked for: everything asked for must be there as it was
 * written, and nothing beyond it but what every API server adds ({@link defaultsOf}; of kinds
 * without known defaults only what was asked for is compared). Added annotations are left out:
 * components of a cluster keep their notes in them. None: it is as asked for.
 */
export function findChanges(asked: Created, got: Created): Change[] {
  const isDefault = defaultsOf(asked.kind) ?? (() => true);
  const changes: Change[] = [];
  const [wanted, there] = [asked as object as Fields, got as object as Fields];
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(there)]))
    if (!NOT_COMPARED.has(name)) compare(wanted[name], there[name], name, isDefault, changes);
  const { labels, annotations } = asked.metadata ?? {};
  compare(labels, got.metadata?.labels, "metadata.labels", isDefault, changes);
  compare(annotations, got.metadata?.annotations, "metadata.annotations", () => true, changes);
  return changes;
}

/** A change in words: `spec.containers[0].lifecycle was added`. */
export function describeChange({ path, kind }: Change): { en: string; ko: string } {
  const ko = { added: "추가됨", changed: "변경됨", removed: "삭제됨" }[kind];
  return { en: `${path} was ${kind}`, ko: `${path}이(가) ${ko}` };
}

type IsDefault = (path: string, value: unknown) => boolean;

function compare(asked: unknown, got: unknown, path: string, isDefault: IsDefault, changes: Change[]): void {
  if (Array.isArray(got) && (isEmpty(asked) || Array.isArray(asked))) {
    const wanted = (asked ?? []) as unknown[];
    wanted.forEach((one, at) => compare(one, got[at], `${path}[${at}]`, isDefault, changes));
    for (const at of got.keys()) {
      const added = at >= wanted.length && !isAllDefault(got[at], `${path}[${at}]`, isDefault);
      if (added) changes.push({ path: `${path}[${at}]`, kind: "added" });
    }
  } else if (isEmpty(asked)) {
    if (!isEmpty(got) && !isAllDefault(got, path, isDefault)) changes.push({ path, kind: "added" });
  } else if (isEmpty(got)) {
    if (!isZero(asked)) changes.push({ path, kind: "removed" });
  } else if (isFields(asked) && isFields(got)) {
    for (const name of new Set([...Object.keys(asked), ...Object.keys(got)]))
      compare(asked[name], got[name], `${path}.${name}`, isDefault, changes);
  } else if (asked !== got && !isSameQuantity(asked, got, path)) {
    changes.push({ path, kind: "changed" });
  }
}

/** Whether what was not asked for is a default, as a whole or in all its parts. */
function isAllDefault(value: unknown, path: string, isDefault: IsDefault): boolean {
  if (isEmpty(value) || isDefault(path, value)) return true;
  if (Array.isArray(value)) return value.every((one, at) => isAllDefault(one, `${path}[${at}]`, isDefault));
  if (!isFields(value)) return false;
  return Object.entries(value).every(([name, one]) => isAllDefault(one, `${path}.${name}`, isDefault));
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The API server leaves out what is empty. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isFields(value) && Object.values(value).every(isEmpty);
}

/** Most fields that are 0 or false are left out too. */
function isZero(value: unknown): boolean {
  return value === 0 || value === false;
}

const SUFFIXES: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** `1000m` of a processor is `1`. */
function isSameQuantity(asked: unknown, got: unknown, path: string): boolean {
  if (!/\.(limits|requests)\.[^.]+$/.test(path)) return false;
  const amount = (value: unknown) => {
    const [, number, suffix = ""] = /^([0-9.]+)([A-Za-z]*)$/.exec(String(value)) ?? [];
    return Number(number) * (suffix === "" ? 1 : (SUFFIXES[suffix] ?? NaN));
  };
  return amount(asked) === amount(got);
}
