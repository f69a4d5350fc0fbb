import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listSandboxIds } from "./engine-objects.ts";
import { Records } from "./records.ts";
import { type ClusterFixture, clusterFixture } from "./testing/cluster-fixture.ts";

let fixture: ClusterFixture;
beforeAll(async () => {
  fixture = await clusterFixture();
  await fixture.provider.prepareCopies({ topology: "two-node", owner: "test" });
});
afterAll(() => fixture?.dispose());

/**
 * Starts a process that makes a sandbox, and waits for its record: the first thing that it does.
 */
async function startMaker(way: string): Promise<ChildProcess> {
  const script = join(import.meta.dirname, "testing/create-one.ts");
  const maker = spawn(process.execPath, ["--import", "tsx", script, fixture.config.dataDir, way], { stdio: "inherit" });
  const records = new Records(fixture.config.dataDir);
  for (const end = Date.now() + 60_000; (await records.ids()).length === 0; await sleep(20)) {
    if (Date.now() > end) throw new Error("the maker wrote no record");
  }
  return maker;
}

test.each([
  // Into the network, the start of the containers, kubeadm.
  ...[10_000].map((delayMs) => ({ way: "kind", delayMs })),
  // Into the start of the containers, of etcd, of the controllers.
  ...[600, 2500, 6000].map((delayMs) => ({ way: "copy", delayMs })),
])("a maker ($way) killed $delayMs ms after its record leaves nothing after the next collection", async ({ way, delayMs }) => {
  const { engine, config, provider } = fixture;
  const maker = await startMaker(way);
  expect(await provider.collectGarbage("test")).toEqual([]);
  await sleep(delayMs);
  maker.kill("SIGKILL");
  await once(maker, "exit");
  expect((await provider.list()).map(({ state }) => state)).toEqual(["creating"]);
  expect(await provider.collectGarbage("server")).toEqual([]);
  expect(await provider.collectGarbage("test")).toHaveLength(1);
  expect(await provider.list()).toEqual([]);
  // Nor does an orphan of the dead maker bring anything up later.
  await sleep(3000);
  expect([...(await listSandboxIds(engine, { installation: config.installation }))]).toEqual([]);
});
