import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DrydockError } from "../errors.ts";

const TEMPLATE = join(import.meta.dirname, "template");
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/**
 * Writes a new scenario that lints and whose contract holds, to be changed into what its author has
 * in mind. Returns its folder.
 * @throws DrydockError `scenario.slug`, `scenario.exists`
 */
export function writeSkeleton(root: string, slug: string): string {
  if (!SLUG.test(slug))
    throw new DrydockError("scenario.slug", `"${slug}" is no slug`, { advice: "Use words of a-z and 0-9, joined by hyphens" });
  const dir = join(root, slug);
  if (existsSync(dir)) throw new DrydockError("scenario.exists", `${dir} exists already`);
  mkdirSync(root, { recursive: true });
  cpSync(TEMPLATE, dir, { recursive: true });
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll("SLUG", slug));
  }
  return dir;
}
