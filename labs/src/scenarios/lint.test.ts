import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lintScenario } from "./lint.ts";
import { formatProblem } from "./problem.ts";
import { writeSkeleton } from "./skeleton.ts";

let root: string;
let dir: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "drydock-lint-"));
  dir = writeSkeleton(root, "greeting-card");
});
afterEach(() => rmSync(root, { recursive: true }));

const edit = (name: string, from: string | RegExp, to: string) => {
  const before = readFileSync(join(dir, name), "utf8");
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${name} has no ${from}`);
  writeFileSync(join(dir, name), after);
};
const fooling = (text: string) => {
  mkdirSync(join(dir, "fooling"));
  writeFileSync(join(dir, "fooling/trick.sh"), `${text}\n`);
};
const remove = (name: string) => rmSync(join(dir, name));
const lint = async () =>
  (await lintScenario(dir)).map((problem) => formatProblem({ ...problem, file: relative(dir, problem.file) }));

describe("drydock lint", () => {
  it("finds nothing wrong in what `drydock new` writes", async () => {
    expect(await lint()).toEqual([]);
  });

  it.each<[string, () => void, string]>([
    [
      "an unknown field",
      () => edit("scenario.yaml", "minutes: 5", "minutes: 5\nminuts: 6"),
      "scenario.yaml:9: unknown field minuts",
    ],
    [
      "an unknown field deep inside",
      () => edit("scenario.yaml", "    points: 2", "    points: 2\n    score: 2"),
      "scenario.yaml:18: unknown field checks.0.score",
    ],
    ["a missing field", () => edit("scenario.yaml", "minutes: 5", ""), "scenario.yaml:1: minutes is missing"],
    [
      "a value that is none of those allowed",
      () => edit("scenario.yaml", "domain: workloads", "domain: cooking"),
      "scenario.yaml:5: domain: Invalid option",
    ],
    ["YAML that does not parse", () => edit("scenario.yaml", "minutes: 5", "minutes: [5"), "scenario.yaml:10: Flow sequence"],
    [
      "points that do not sum",
      () => edit("scenario.yaml", "points: 3", "points: 4"),
      "scenario.yaml:14: points is 4, but those of the checks sum to 3",
    ],
    [
      "a check that is there twice",
      () => edit("scenario.yaml", "id: text", "id: created"),
      "scenario.yaml:22: the check created is there twice",
    ],
    [
      "a host that the topology lacks",
      () => edit("scenario.yaml", "host: controlplane", "host: node01"),
      "scenario.yaml:12: topology single-node has no host node01",
    ],
    [
      "a set-up for a host that the topology lacks",
      () => renameSync(join(dir, "setup.sh"), join(dir, "setup.node01.sh")),
      "setup.node01.sh: topology single-node has no host node01",
    ],
    ["a missing task", () => remove("task.md"), "task.md: is missing"],
    ["a missing solution", () => remove("solution.md"), "solution.md: is missing"],
    ["a missing checker", () => remove("check.ts"), "check.ts: is missing: the checker module"],
    [
      "a task that does not say where",
      () => edit("task.md", "`ssh controlplane`", "here"),
      "task.md:1: the first line must say on which host to work (controlplane)",
    ],
    ["a task in one language only", () => remove("task.ko.md"), "task.ko.md: is missing: "],
    [
      "a hint in one language only",
      () => edit("scenario.yaml", /\n {4}ko: kubectl create.*/, ""),
      "scenario.yaml:28: hint 1 has no ko",
    ],
    [
      "a bash syntax error",
      () => edit("setup.sh", "kubectl create", "if true; then\nkubectl create"),
      "setup.sh:5: bash: syntax error: unexpected end of file",
    ],
    [
      "a bash syntax error in the solution",
      () => edit("solution.md", "kubectl -n", "echo )\nkubectl -n"),
      "solution.md:4: bash: syntax error near unexpected token `)'",
    ],
    ["a solution with nothing to run", () => edit("solution.md", "```bash", "```sh"), "solution.md: has no ```bash block"],
    [
      "solutions that differ",
      () => edit("solution.ko.md", "text=hello", "text=bye"),
      "solution.ko.md: its ```bash blocks differ",
    ],
    [
      "a near miss that names no check",
      () => edit("wrong/other-text.sh", "# fails: text", "# nearly"),
      "wrong/other-text.sh:2: names no check",
    ],
    [
      "a near miss that names no script of the scenario",
      () => edit("wrong/other-text.sh", "# fails: text", "# fails: text\n# then: nothing"),
      "wrong/other-text.sh:3: names the script nothing, which",
    ],
    [
      "a near miss with the name of an alternative",
      () => renameSync(join(dir, "wrong/other-text.sh"), join(dir, "wrong/manifest.sh")),
      "wrong/manifest.sh: has the name of an alternative",
    ],
    [
      "a near miss that names itself",
      () => edit("wrong/other-text.sh", "# fails: text", "# fails: text\n# then: other-text"),
      "wrong/other-text.sh:3: names the script other-text, which comes before it",
    ],
    [
      "a near miss that names an unknown check",
      () => edit("wrong/other-text.sh", "fails: text", "fails: texts"),
      "wrong/other-text.sh:2: names the check texts, which",
    ],
    ["a fooling attempt that names no check", () => fooling("# nearly"), "fooling/trick.sh:1: names no check"],
    ["a fooling attempt with bash that does not parse", () => fooling("# fails: text\nfi"), "fooling/trick.sh:2: bash:"],
    [
      "a fooling attempt with the name of a near miss",
      () => (fooling("# fails: text"), renameSync(join(dir, "fooling/trick.sh"), join(dir, "fooling/other-text.sh"))),
      "fooling/other-text.sh: has the name of a near miss",
    ],
    [
      "too few near misses, whatever tries to fool",
      () => (fooling("# fails: text"), remove("wrong/other-text.sh")),
      "wrong: holds 1",
    ],
    ["too few near misses", () => remove("wrong/other-text.sh"), "wrong: holds 1 scripts: at least 2 near misses are needed"],
    ["no alternative", () => remove("alternatives/manifest.sh"), "alternatives: holds no script"],
    [
      "a check that the checker lacks",
      () => edit("check.ts", `check("text"`, `check("test"`),
      "check.ts: does not define the check text",
    ],
    [
      "a check that scenario.yaml lacks",
      () => edit("check.ts", `check("text"`, `check("test"`),
      `check.ts:12: defines the check test, which`,
    ],
    [
      "a checker that does not load",
      () => edit("check.ts", "export default checks", "export default cheques"),
      "check.ts: can't be loaded: cheques is not defined",
    ],
    [
      "a check after one that there is not",
      () => edit("check.ts", `after: ["created"]`, `after: ["crated"]`),
      "check.ts: can't be loaded: The check text comes after crated",
    ],
    ["a file that nothing reads", () => writeFileSync(join(dir, "set-up.sh"), ""), "set-up.sh: nothing reads set-up.sh"],
  ])("tells of %s", async (_name, breakIt, problem) => {
    breakIt();
    expect(await lint()).toEqual(expect.arrayContaining([expect.stringContaining(problem)]));
  });

  it("tells of several mistakes at once", async () => {
    edit("scenario.yaml", "points: 3", "points: 4");
    edit("setup.sh", "kubectl create", "fi; kubectl create");
    remove("solution.md");
    expect(await lint()).toHaveLength(3);
  });
});
