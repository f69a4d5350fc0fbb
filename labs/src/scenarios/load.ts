import { existsSync, readdirSync } from "node:fs";
import { basename, isAbsolute, join, resolve } from "node:path";
import { DrydockError } from "../errors.ts";
import type { Format } from "./formats/format.ts";
import { native } from "./formats/native.ts";
import { invalidScenario, type Problem } from "./problem.ts";
import type { Scenario } from "./schema.ts";

/** Formats in the order in which they are tried. */
const FORMATS: readonly Format[] = [native];

/**
 * Reads the scenario in a folder, with what is wrong in it.
 * @throws DrydockError `scenario.unknown` when it holds none of a known format.
 */
export function readScenario(dir: string): { scenario?: Scenario; problems: Problem[] } {
  const format = FORMATS.find((one) => one.recognises(dir));
  if (!format)
    throw new DrydockError("scenario.unknown", `There is no scenario in ${dir}`, {
      advice: "`drydock list` shows those that there are",
    });
  return format.read(dir);
}

/**
 * The scenario in a folder.
 * @throws DrydockError `scenario.unknown`, `scenario.invalid` with every mistake's file and line.
 */
export function loadScenario(dir: string): Scenario {
  const { scenario, problems } = readScenario(dir);
  if (!scenario || problems.length > 0) throw invalidScenario(basename(dir), problems);
  return scenario;
}

/** The folders below `root` that hold a scenario, by name. */
export function scenarioDirs(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, entry.name))
    .filter((dir) => FORMATS.some((format) => format.recognises(dir)))
    .sort();
}

/**
 * All scenarios below `root`, by slug, and what kept others from being read: one broken scenario
 * hides no other.
 */
export function loadScenarios(root: string): { scenarios: Scenario[]; broken: { slug: string; error: Error }[] } {
  const scenarios: Scenario[] = [];
  const broken: { slug: string; error: Error }[] = [];
  for (const dir of scenarioDirs(root)) {
    try {
      scenarios.push(loadScenario(dir));
    } catch (error) {
      broken.push({ slug: basename(dir), error: error as Error });
    }
  }
  return { scenarios, broken };
}

/** A scenario's folder by slug, or by a path (one that is absolute or begins with `.`). */
export function scenarioDir(root: string, slugOrPath: string): string {
  return isAbsolute(slugOrPath) || slugOrPath.startsWith(".") ? resolve(slugOrPath) : join(root, slugOrPath);
}
