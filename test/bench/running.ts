import { runChecks } from "../../labs/src/checks/run.ts";
import { setUp } from "../../labs/src/grading/set-up.ts";
import { measureUsage } from "../../labs/src/sandbox/usage.ts";
import { loadScenarios } from "../../labs/src/scenarios/load.ts";
import type { BenchContext, Figure } from "./figure.ts";

const MIB = 1024 * 1024;

/**
 * What one finished two-node sandbox costs, how fast it freezes and thaws, and how fast each
 * scenario's checks answer on it.
 */
export async function measureRunning({ config, platform, rounds, cleanup, say }: BenchContext): Promise<Figure[]> {
  const { engine, provider } = platform;
  const { scenarios } = loadScenarios(config.scenariosDir);
  const figures: Figure[] = [];
  const timed = async (work: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await work();
    return performance.now() - startedAt;
  };
  const repeat = async (work: () => Promise<unknown>) => {
    const values: number[] = [];
    for (let round = 0; round < rounds; round++) values.push(await timed(work));
    return values;
  };

  for (const scenario of scenarios) {
    const making = provider.create({ topology: scenario.topology, owner: "test", leasedFor: "bench" });
    const { made: sandbox, dispose } = await cleanup.own(making, ({ id }) => provider.remove(id));
    if (figures.length === 0) {
      const [usage] = (await measureUsage(engine, config.installation)).filter(({ id }) => id === sandbox.id);
      figures.push({ name: "two-node sandbox, memory", unit: "MiB", values: [usage!.memoryBytes / MIB], target: 900 });
      figures.push({ name: "two-node sandbox, disk", unit: "MiB", values: [usage!.diskBytes! / MIB], target: 512 });
      const freeze: number[] = [];
      const thaw = await repeat(async () => {
        freeze.push(await timed(() => provider.freeze(sandbox.id)));
        await provider.thaw(sandbox.id);
      });
      figures.push({ name: "freeze", unit: "ms", values: freeze });
      figures.push({ name: "freeze and thaw, API answering", unit: "ms", values: thaw });
    }
    figures.push({ name: `${scenario.slug}, set-up`, unit: "ms", values: [await timed(() => setUp(scenario, sandbox))] });
    // rolling-update-surge judges by polling through a rollout: something has to converge there, so
    // it has no target.
    const target = scenario.tags.includes("rollout-under-load") ? undefined : 2000;
    figures.push({
      name: `${scenario.slug}, check (untouched)`,
      unit: "ms",
      values: await repeat(() => runChecks(scenario, sandbox)),
      target,
    });
    say(`${scenario.slug}: measured`);
    await dispose();
  }
  return figures;
}
