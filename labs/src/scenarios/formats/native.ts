import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { TOPOLOGIES } from "../../sandbox/provider.ts";
import type { Problem } from "../problem.ts";
import { LANGUAGES, scenarioSchema, type Scenario, type ScenarioSpec, type Text } from "../schema.ts";
import { parseYaml } from "../yaml-file.ts";
import type { Format } from "./format.ts";
import { readNearMisses, scriptsIn } from "./near-misses.ts";

const SPEC = "scenario.yaml";

/**
 * The project's own format: a folder with scenario.yaml, task.md, check.ts, solution.md, setup*.sh,
 * alternatives/, wrong/ and fooling/.
 */
export const native: Format = {
  name: "native",
  recognises: (dir) => existsSync(join(dir, SPEC)),
  read(dir) {
    const file = join(dir, SPEC);
    const { value: spec, problems, lineOf } = parseYaml(file, readFileSync(file, "utf8"), scenarioSchema);
    if (!spec) return { problems };
    problems.push(...judgeSpec(spec, file, lineOf));
    const text = (name: string) => readText(dir, name, problems);
    const checkPath = join(dir, "check.ts");
    if (!existsSync(checkPath)) problems.push({ file: checkPath, message: "is missing: the checker module" });
    const alternatives = scriptsIn(join(dir, "alternatives"));
    const scenario: Scenario = {
      ...spec,
      slug: basename(dir),
      dir,
      task: text("task"),
      solution: text("solution"),
      setups: readSetups(dir, spec, problems),
      checkPath,
      alternatives,
      nearMisses: readNearMisses(dir, spec, alternatives, problems),
    };
    return { scenario, problems };
  },
};

function judgeSpec(spec: ScenarioSpec, file: string, lineOf: (path: PropertyKey[]) => number): Problem[] {
  const problems: Problem[] = [];
  const sum = spec.checks.reduce((total, check) => total + check.points, 0);
  if (sum !== spec.points)
    problems.push({ file, line: lineOf(["points"]), message: `points is ${spec.points}, but those of the checks sum to ${sum}` });
  const ids = new Set<string>();
  for (const [index, check] of spec.checks.entries()) {
    if (ids.has(check.id))
      problems.push({ file, line: lineOf(["checks", index, "id"]), message: `the check ${check.id} is there twice` });
    ids.add(check.id);
  }
  const hosts: readonly string[] = TOPOLOGIES[spec.topology];
  if (!hosts.includes(spec.host))
    problems.push({ file, line: lineOf(["host"]), message: `topology ${spec.topology} has no host ${spec.host}` });
  return problems;
}

/** `task.md` and `task.ko.md`: English must be there. */
function readText(dir: string, name: string, problems: Problem[]): Text {
  const path = (language: string) => join(dir, language === "en" ? `${name}.md` : `${name}.${language}.md`);
  const text: Text = { en: "" };
  for (const language of LANGUAGES) {
    if (existsSync(path(language))) text[language] = readFileSync(path(language), "utf8");
  }
  if (!existsSync(path("en"))) problems.push({ file: path("en"), message: "is missing" });
  else if (!text.en.trim()) problems.push({ file: path("en"), line: 1, message: "is empty" });
  return text;
}

function readSetups(dir: string, spec: ScenarioSpec, problems: Problem[]): Record<string, string> {
  const hosts: readonly string[] = TOPOLOGIES[spec.topology];
  const setups: Record<string, string> = {};
  for (const name of readdirSync(dir).sort()) {
    const match = /^setup(?:\.(.+))?\.sh$/.exec(name);
    if (!match) continue;
    const host = match[1] ?? "controlplane";
    if (hosts.includes(host)) setups[host] = join(dir, name);
    else problems.push({ file: join(dir, name), message: `topology ${spec.topology} has no host ${host}` });
  }
  return setups;
}
