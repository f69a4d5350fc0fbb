import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfig } from "../../labs/src/config.ts";
import { createLoad } from "../../labs/src/grading/load.ts";
import { setUp } from "../../labs/src/grading/set-up.ts";
import { type ClusterFixture, clusterFixture } from "../../labs/src/sandbox/testing/cluster-fixture.ts";
import { loadScenarios } from "../../labs/src/scenarios/load.ts";

/** Starts of each scenario; `npm run test:starts` makes twenty. */
const STARTS = Number(process.env.DRYDOCK_TEST_STARTS ?? 1);
/** Busy processes for each core, beside the starts. */
const LOAD = 4;
/** Starts at the same moment. */
const AT_ONCE = Math.min(4, STARTS);

const { scenarios } = loadScenarios(readConfig({}).scenariosDir);
const load = createLoad(LOAD);
let fixture: ClusterFixture;
beforeAll(async () => {
  fixture = await clusterFixture();
  for (const topology of ["single-node", "two-node"] as const) await fixture.provider.prepareCopies({ topology, owner: "test" });
});
afterAll(() => fixture?.dispose());

test.each(scenarios.map((scenario) => [scenario.slug, scenario] as const))(
  "%s is set up at the first try, on a machine that has no time for it",
  async (_, scenario) => {
    let begun = 0;
    const failures: string[] = [];
    const startInTurn = async () => {
      while (begun++ < STARTS) {
        const sandbox = await fixture.provider.create({ topology: scenario.topology, owner: "test" });
        // A second try, as a learner gets one, would hide what fails.
        await setUp(scenario, sandbox).catch((error: Error) => failures.push(error.message));
        await fixture.provider.remove(sandbox.id);
      }
    };
    await load.during(() => Promise.all(Array.from({ length: AT_ONCE }, startInTurn)));
    expect(failures).toEqual([]);
  },
  STARTS * 600_000,
);
