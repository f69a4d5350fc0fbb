import { posix } from "node:path";
import { parse } from "yaml";

/** The names by which kustomize knows its file, in its own spelling. */
const NAMES = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

export function isKustomization(path: string): boolean {
  return NAMES.includes(posix.basename(path));
}

/**
 * The folders that a kustomization builds on (resources, bases, components), by their paths in the
 * submission. Those of a file that cannot be parsed are none: kubectl says what is wrong with it.
 */
export function folderReferences(folder: string, text: string): string[] {
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch {
    return [];
  }
  const { resources, bases, components } = (parsed ?? {}) as Record<string, unknown>;
  return [resources, bases, components]
    .flatMap((list): unknown[] => (Array.isArray(list) ? list : []))
    .filter((one): one is string => typeof one === "string" && !one.includes("://"))
    .map((one) => posix.join(folder, one).replace(/\/$/, ""));
}
