// `npm run test:submissions [scenario…] [-- --runs n --jobs n]`: grades what people would hand in,
// and what would fool a grader, and holds each verdict against the one that its file names. The
// files were written from the task texts alone.
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensurePackages, projectDir } from "../scripts/prepare.mjs";
import { execute } from "./suite.mjs";

const FOLDER = join(projectDir, "test/submissions");
const { values, positionals } = parseArgs({
  options: { runs: { type: "string", default: "1" }, jobs: { type: "string" } },
  allowPositionals: true,
});
await ensurePackages();

/**
 * The verdict that a submission's second line names: `passed`, `failed`, or `open` where the task's
 * words leave it open.
 */
function expectedOf(scenario, person) {
  const [, line = ""] = readFileSync(join(FOLDER, scenario, `${person}.sh`), "utf8").split("\n");
  const [, expected] = /^# expect: *(passed|failed|open)/.exec(line) ?? [];
  if (!expected) throw new Error(`${scenario}/${person}.sh names no verdict in its second line`);
  return expected;
}

/**
 * Grades all submissions to a scenario once; returns those whose verdict is another than expected,
 * and how many there were.
 */
async function gradeOnce(scenario) {
  const report = join(mkdtempSync(join(tmpdir(), "drydock-submissions-")), "report.json");
  const args = ["drydock", "grade", scenario, "--submissions", join(FOLDER, scenario), "--again", "--json", report];
  const { output } = await execute("npx", values.jobs ? [...args, "--jobs", values.jobs] : args, { quiet: true });
  if (!existsSync(report)) throw new Error(`${scenario} was not graded:\n${output}`);
  const { people } = JSON.parse(readFileSync(report, "utf8"));
  const judged = people.map((one) => ({ ...one, expected: expectedOf(scenario, one.person) }));
  for (const one of judged.filter(({ expected, verdict }) => expected !== "open" && expected !== verdict)) {
    console.log(`  ✗ ${scenario}/${one.person}: expected ${one.expected}, but ${one.verdict}`);
    for (const { id, outcome, expected, found, reason } of one.checks)
      console.log(
        `      ${id}: ${outcome}${outcome === "failed" ? `: ${expected?.en}; ${found?.en}` : ""}${reason ? `: ${reason}` : ""}`,
      );
  }
  for (const one of judged.filter(({ expected }) => expected === "open"))
    console.log(`  – ${scenario}/${one.person}: the task leaves it open; ${one.verdict}`);
  const wrong = judged.filter(({ expected, verdict }) => expected !== "open" && expected !== verdict).length;
  return { passed: judged.length - wrong, failed: wrong };
}

let passed = 0;
let failed = 0;
const scenarios = positionals.length > 0 ? positionals : readdirSync(FOLDER).sort();
for (let run = 1; run <= Number(values.runs); run++) {
  for (const scenario of scenarios) {
    console.log(`── ${scenario}, run ${run}`);
    const count = await gradeOnce(scenario);
    console.log(`  ${count.passed} judged as expected, ${count.failed} wrongly`);
    passed += count.passed;
    failed += count.failed;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
