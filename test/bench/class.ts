import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jobsOf, sandboxesThatFit } from "../../labs/src/commands/jobs.ts";
import { findPeople } from "../../labs/src/grading/class/find-people.ts";
import { gradeClass, type Work } from "../../labs/src/grading/class/grade-class.ts";
import { readSubmission } from "../../labs/src/grading/submit.ts";
import { Progress } from "../../labs/src/progress.ts";
import { loadScenario } from "../../labs/src/scenarios/load.ts";
import { solutionScript } from "../../labs/src/scenarios/markdown.ts";
import type { Scenario } from "../../labs/src/scenarios/schema.ts";
import type { BenchContext, Figure } from "./figure.ts";

const TIMEOUT_MS = 300_000;
/** So many are graded one at a time to compare with, or fewer where there are fewer. */
const ONE_BY_ONE = 5;

/**
 * A class of submissions of drain-node01, right and wrong ones by turns: the time for each, with as
 * many sandboxes at once as fit, against one at a time.
 */
export async function measureClass({ config, platform, submissions, cleanup, say }: BenchContext): Promise<Figure[]> {
  const scenario = loadScenario(join(config.scenariosDir, "drain-node01"));
  const folder = await mkdtemp(join(tmpdir(), "drydock-class-"));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  await writeClass(folder, scenario, submissions);
  const { people } = await findPeople(folder);
  const works: Work[] = [];
  for (const { name, path } of people) works.push({ person: name, submission: await readSubmission(path, scenario.slug) });
  await platform.provider.prepareCopies({ topology: scenario.topology, owner: "test" });

  const aborting = new AbortController();
  const gradeAll = async (some: readonly Work[], jobs: number, most: number): Promise<number> => {
    let [graded, unjudged] = [0, 0];
    const startedAt = performance.now();
    const grading = gradeClass(scenario, some, {
      ...{
        provider: platform.provider,
        owner: "test",
        timeoutMs: TIMEOUT_MS,
        jobs,
        most,
        progress: new Progress(),
        signal: aborting.signal,
      },
      onGraded: (_, { verdict }) => {
        if (verdict === "error") unjudged++;
        say(`class, ${jobs} at once: ${++graded} of ${some.length}`);
      },
    });
    // Ended, it removes the sandboxes that it has made.
    cleanup.add(() => {
      aborting.abort(new Error("The bench was ended"));
      return grading.catch(() => undefined);
    });
    await grading;
    if (unjudged > 0) throw new Error(`${unjudged} of ${some.length} submissions could not be judged: this measures nothing`);
    return (performance.now() - startedAt) / some.length;
  };

  const single = await gradeAll(works.slice(0, ONE_BY_ONE), 1, 1);
  const together = await gradeAll(works, jobsOf(undefined), sandboxesThatFit());
  return [
    {
      name: `class of ${works.length}, ${jobsOf(undefined)} sandboxes at once: each submission`,
      unit: "ms",
      values: [together],
      reference: { name: "one at a time", values: [single] },
      target: 1,
    },
  ];
}

/**
 * A folder as a teacher has it: the worked solution, the alternatives and the near misses by turns.
 */
async function writeClass(folder: string, scenario: Scenario, count: number): Promise<void> {
  const scripts = [undefined, ...[...scenario.alternatives, ...scenario.nearMisses].map(({ path }) => path)];
  for (let number = 0; number < count; number++) {
    const path = join(folder, `person-${String(number + 1).padStart(4, "0")}.sh`);
    const script = scripts[number % scripts.length];
    if (script === undefined) await writeFile(path, solutionScript(scenario.solution.en));
    else await copyFile(script, path);
  }
}
