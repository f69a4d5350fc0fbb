import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { listChecks } from "../checks/run.ts";
import { tryRun } from "../process.ts";
import { lintSetups } from "./lint-setup.ts";
import { readScenario } from "./load.ts";
import { bashBlocks } from "./markdown.ts";
import type { Problem } from "./problem.ts";
import type { Scenario } from "./schema.ts";

/**
 * Everything that can be known to be wrong in a scenario without a cluster, with file and line:
 * what the loader refuses, bash that does not parse, a checker whose checks are not those of
 * scenario.yaml, missing proofs, set-ups that count on a quick machine, texts of one language that
 * lack the other.
 * @throws DrydockError `scenario.unknown`, `process.missing` without bash
 */
export async function lintScenario(dir: string): Promise<Problem[]> {
  const { scenario, problems } = readScenario(dir);
  if (!scenario) return problems;
  const rules = [lintScripts, lintSetups, lintSolution, lintTask, lintProofs, lintLanguages, lintChecker, lintStrays];
  const found = await Promise.all(rules.map((rule) => rule(scenario)));
  return [...problems, ...found.flat()].sort((a, b) => a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0));
}

async function lintScripts(scenario: Scenario): Promise<Problem[]> {
  const scripts = [
    ...Object.values(scenario.setups),
    ...scenario.alternatives.map((one) => one.path),
    ...scenario.nearMisses.map((one) => one.path),
  ];
  return (await Promise.all(scripts.map((path) => bashProblems(path, readFileSync(path, "utf8"), 1)))).flat();
}

async function lintSolution(scenario: Scenario): Promise<Problem[]> {
  const file = join(scenario.dir, "solution.md");
  if (!scenario.solution.en) return [];
  const blocks = bashBlocks(scenario.solution.en);
  if (blocks.length === 0) return [{ file, message: "has no ```bash block: the contract test has nothing to run" }];
  const problems = (await Promise.all(blocks.map((block) => bashProblems(file, block.code, block.line)))).flat();
  const korean = scenario.solution.ko === undefined ? undefined : bashBlocks(scenario.solution.ko);
  const strip = (code: string) =>
    code
      .replace(/^\s*#.*$/gm, "")
      .replace(/\s+#\s.*$/gm, "")
      .replace(/\n+/g, "\n")
      .trim();
  const differs =
    korean && (korean.length !== blocks.length || korean.some((block, at) => strip(block.code) !== strip(blocks[at]!.code)));
  if (differs)
    problems.push({
      file: join(scenario.dir, "solution.ko.md"),
      message: "its ```bash blocks differ from those of solution.md (comments apart)",
    });
  return problems;
}

/** `bash -n` on a text that begins at `firstLine` of a file. */
async function bashProblems(file: string, code: string, firstLine: number): Promise<Problem[]> {
  const { exitCode, stderr } = await tryRun("bash", ["-n"], { input: code, env: { LC_ALL: "C" }, timeoutMs: 10_000 });
  if (exitCode === 0) return [];
  const [, line, message] = /line (\d+): (.*)/.exec(stderr) ?? [undefined, "1", stderr.trim()];
  return [{ file, line: firstLine + Number(line) - 1, message: `bash: ${message}` }];
}

/**
 * The first line says where the task is to be done: the host, and the kubectl context where there
 * is one.
 */
function lintTask(scenario: Scenario): Problem[] {
  return texts("task", scenario).flatMap(({ file, text }) => {
    const first = text.split("\n", 1)[0]!;
    const named = new RegExp(`\\b${scenario.host}\\b`).test(first);
    return named ? [] : [{ file, line: 1, message: `the first line must say on which host to work (${scenario.host})` }];
  });
}

function lintProofs(scenario: Scenario): Problem[] {
  const problems: Problem[] = [];
  if (scenario.alternatives.length < 1)
    problems.push({ file: join(scenario.dir, "alternatives"), message: "holds no script: at least 1 other valid way is needed" });
  const wrong = scenario.nearMisses.filter(({ kind }) => kind === "wrong");
  if (wrong.length < 2)
    problems.push({
      file: join(scenario.dir, "wrong"),
      message: `holds ${wrong.length} scripts: at least 2 near misses are needed`,
    });
  return problems;
}

/** Where one text is in two languages, all are. */
function lintLanguages(scenario: Scenario): Problem[] {
  const problems: Problem[] = [];
  const task = scenario.task.ko !== undefined;
  const file = join(scenario.dir, "scenario.yaml");
  if (scenario.solution.ko !== undefined && !task)
    problems.push({ file: join(scenario.dir, "task.ko.md"), message: "is missing: solution.ko.md is there" });
  const named = [
    ["title", scenario.title],
    ...scenario.checks.map((one) => [`check ${one.id}`, one.title] as const),
    ...scenario.hints.map((hint, at) => [`hint ${at + 1}`, hint] as const),
  ] as const;
  const korean = task || named.some(([, text]) => text.ko !== undefined);
  if (korean && !task)
    problems.push({ file: join(scenario.dir, "task.ko.md"), message: "is missing: other texts are in Korean" });
  const source = readFileSync(file, "utf8").split("\n");
  for (const [name, text] of named.filter(([, text]) => korean && text.ko === undefined)) {
    const line = source.findIndex((one) => one.includes(text.en.slice(0, 40))) + 1;
    problems.push({ file, line: line || undefined, message: `${name} has no ko` });
  }
  return problems;
}

async function lintChecker(scenario: Scenario): Promise<Problem[]> {
  const file = scenario.checkPath;
  if (!existsSync(file)) return [];
  try {
    const defined = (await listChecks(file)).map((check) => check.id);
    const declared = scenario.checks.map((check) => check.id);
    const source = readFileSync(file, "utf8").split("\n");
    const lineOf = (id: string) => source.findIndex((line) => line.includes(`"${id}"`)) + 1 || undefined;
    return [
      ...declared
        .filter((id) => !defined.includes(id))
        .map((id) => ({ file, message: `does not define the check ${id} of scenario.yaml` })),
      ...defined
        .filter((id) => !declared.includes(id))
        .map((id) => ({ file, line: lineOf(id), message: `defines the check ${id}, which scenario.yaml does not have` })),
    ];
  } catch (error) {
    return [{ file, message: `can't be loaded: ${(error as Error).message}` }];
  }
}

const KNOWN =
  /^(scenario\.yaml|check\.ts|(task|solution)(\.[a-z]{2})?\.md|setup(\.[a-z0-9]+)?\.sh|alternatives|wrong|fooling|files)$/;

/** A file that nothing reads is mostly one whose name is mistyped. */
function lintStrays(scenario: Scenario): Problem[] {
  const strays = readdirSync(scenario.dir).filter((name) => !KNOWN.test(name) && !name.startsWith("."));
  return strays.map((name) => ({ file: join(scenario.dir, name), message: `nothing reads ${basename(name)}` }));
}

function texts(name: "task" | "solution", scenario: Scenario): { file: string; text: string }[] {
  const both = [{ file: join(scenario.dir, `${name}.md`), text: scenario[name].en }];
  return scenario[name].ko === undefined
    ? both
    : [...both, { file: join(scenario.dir, `${name}.ko.md`), text: scenario[name].ko }];
}
