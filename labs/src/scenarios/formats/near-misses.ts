import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Problem } from "../problem.ts";
import type { Scenario, ScenarioSpec } from "../schema.ts";

/**
 * Scripts that must not pass, by the folder that they lie in: those that go wrong, and those that
 * try to fool the checks.
 */
const FOLDERS = ["wrong", "fooling"] as const;

/** The scripts in a folder, in the order of their names; none where there is no such folder. */
export function scriptsIn(dir: string): { name: string; path: string }[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith(".sh"))
    .sort()
    .map((name) => ({ name: basename(name, ".sh"), path: join(dir, name) }));
}

/**
 * The first comment after an optional `#!` line names the checks that the script must fail:
 * `# fails: cordoned, moved`.
 */
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

/**
 * The line `# then: <script>`, where there is one: the alternative, near miss or fooling attempt
 * that is played next on the same cluster.
 */
function readThen(path: string): { then?: string; line?: number } {
  const lines = readFileSync(path, "utf8").split("\n");
  const index = lines.findIndex((line) => /^#\s*then:/.test(line));
  if (index < 0) return {};
  return { then: lines[index]!.replace(/^#\s*then:/, "").trim(), line: index + 1 };
}

/**
 * The near misses and fooling attempts of the scenario in a folder; what is wrong in them is added
 * to `problems`.
 */
export function readNearMisses(
  dir: string,
  spec: ScenarioSpec,
  alternatives: { name: string }[],
  problems: Problem[],
): Scenario["nearMisses"] {
  const read = FOLDERS.flatMap((kind) =>
    scriptsIn(join(dir, kind)).map((script) => ({
      ...script,
      kind,
      fails: readFails(script.path, spec, problems),
      ...readThen(script.path),
    })),
  );
  const known = new Set([...alternatives, ...read].map(({ name }) => name));
  for (const [at, { name, path: file }] of read.entries()) {
    if (alternatives.some((one) => one.name === name)) problems.push({ file, message: "has the name of an alternative" });
    if (read.findIndex((one) => one.name === name) < at) problems.push({ file, message: "has the name of a near miss" });
  }
  const taken = new Set<string>();
  for (const { name, path: file, then, line } of read) {
    if (then === undefined) continue;
    const problem = (message: string) => problems.push({ file, line, message });
    if (!known.has(then)) problem(`names the script ${then}, which neither alternatives nor wrong nor fooling has`);
    else if (taken.has(then)) problem(`names the script ${then}, which another script names already`);
    else if (endsAt(read, then) === name) problem(`names the script ${then}, which comes before it`);
    taken.add(then);
  }
  return read.map(({ kind, name, path, fails, then }) => ({ kind, name, path, fails, then }));
}

/**
 * The last script of those that follow one another from `first` on; of a circle, the one before
 * `first`.
 */
function endsAt(nearMisses: { name: string; then?: string }[], first: string): string {
  let last = first;
  for (let left = nearMisses.length; left > 0; left--) {
    const next = nearMisses.find(({ name }) => name === last)?.then;
    if (next === undefined || next === first) break;
    last = next;
  }
  return last;
}
