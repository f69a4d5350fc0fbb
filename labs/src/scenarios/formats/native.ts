import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { TOPOLOGIES } from "../../sandbox/provider.ts";
import type { Problem } from "../problem.ts";
import { LANGUAGES, scenarioSchema, type Scenario, type ScenarioSpec, type Text } from "../schema.ts";
import { parseYaml } from "../yaml-file.ts";
import type { Format } from "./format.ts";

const SPEC = "scenario.yaml";

/** The project's own format: a folder with scenario.yaml, task.md, check.ts, solution.md, setup*.sh, alternatives/ and wrong/. */
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

function scriptsIn(dir: string): { name: string; path: string }[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith(".sh"))
    .sort()
    .map((name) => ({ name: basename(name, ".sh"), path: join(dir, name) }));
}

/** The first comment after an optional `#!` line names the checks that the near miss must fail: `# fails: cordoned, moved`. */
function readFails(path: string, spec: ScenarioSpec, problems: Problem[]): string[] {
  const lines = readFileSync(path, "utf8").split("\n");
  const index = lines.findIndex((line, at) => line.trim() !== "" && !(at === 0 && line.startsWith("#!")));
  const named = /^#\s*fails:(.*)$/.exec(lines[index] ?? "")?.[1];
  const fails = (named ?? "").split(/[,\s]+/).filter(Boolean);
  const line = Math.max(index, 0) + 1;
  if (fails.length === 0)
    problems.push({ file: path, line, message: "names no check: begin it with the comment `# fails: <check>, <check>`" });
  const known = new Set(spec.checks.map((check) => check.id));
  for (const id of fails.filter((one) => !known.has(one)))
    problems.push({ file: path, line, message: `names the check ${id}, which scenario.yaml does not have` });
  return fails;
}

/** The line `# then: <script>`, where there is one: the alternative or near miss that is played next on the same cluster. */
function readThen(path: string): { then?: string; line?: number } {
  const lines = readFileSync(path, "utf8").split("\n");
  const index = lines.findIndex((line) => /^#\s*then:/.test(line));
  if (index < 0) return {};
  return { then: lines[index]!.replace(/^#\s*then:/, "").trim(), line: index + 1 };
}

function readNearMisses(
  dir: string,
  spec: ScenarioSpec,
  alternatives: { name: string }[],
  problems: Problem[],
): Scenario["nearMisses"] {
  const read = scriptsIn(join(dir, "wrong")).map((script) => ({
    ...script,
    fails: readFails(script.path, spec, problems),
    ...readThen(script.path),
  }));
  const known = new Set([...alternatives, ...read].map(({ name }) => name));
  for (const { name, path: file } of read) {
    if (alternatives.some((one) => one.name === name)) problems.push({ file, message: "has the name of an alternative" });
  }
  const taken = new Set<string>();
  for (const { name, path: file, then, line } of read) {
    if (then === undefined) continue;
    const problem = (message: string) => problems.push({ file, line, message });
    if (!known.has(then)) problem(`names the script ${then}, which neither alternatives nor wrong has`);
    else if (taken.has(then)) problem(`names the script ${then}, which another near miss names already`);
    else if (endsAt(read, then) === name) problem(`names the script ${then}, which comes before it`);
    taken.add(then);
  }
  return read.map(({ name, path, fails, then }) => ({ name, path, fails, then }));
}

/** The last script of those that follow one another from `first` on; of a circle, the one before `first`. */
function endsAt(nearMisses: { name: string; then?: string }[], first: string): string {
  let last = first;
  for (let left = nearMisses.length; left > 0; left--) {
    const next = nearMisses.find(({ name }) => name === last)?.then;
    if (next === undefined || next === first) break;
    last = next;
  }
  return last;
}
