import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfig } from "../../labs/src/config.ts";
import type { Engine } from "../../labs/src/engine/engine.ts";
import { ensureEngine } from "../../labs/src/engine/index.ts";
import { Progress } from "../../labs/src/progress.ts";
import { listContainers, listNetworks, listVolumes } from "../../labs/src/sandbox/engine-objects.ts";
import { type FinishedRecord, Records } from "../../labs/src/sandbox/records.ts";
import { sandboxIdOf } from "../../labs/src/sandbox/names.ts";
import type { TestWindow } from "../../server/src/testing/window.ts";
import { RunningServer } from "../running-server.ts";
import { SANDBOX_MS } from "./support/cluster-lab.ts";
import { Learner } from "./support/learner.ts";
import { Random } from "./support/random.ts";

/** How many times the server is killed. */
const ROUNDS = Number(process.env.DRYDOCK_TEST_KILLS ?? 20);
/**
 * Within which of the restart the same shell and its screen are back (the requirement itself, not a
 * figure of this machine).
 */
const BACK_MS = 5000;
/** Lines that the shell prints while the server is killed. */
const LINES = 100;
const random = new Random(Number(process.env.DRYDOCK_TEST_SEED ?? Date.now() % 1e6));

const dataDir = mkdtempSync(join(tmpdir(), "drydock-killed-"));
let server: RunningServer;
/** Works on one task all the time. */
let ann: Learner;
let window: TestWindow;

beforeAll(async () => {
  server = await RunningServer.start(dataDir, { DRYDOCK_POOL: "1" });
  ann = await Learner.at(server.url, "rollback-deployment", SANDBOX_MS);
  window = await ann.openTerminal("controlplane");
  window.type("x=kept; PS1='$ '; clear\r");
  await window.shows(/^\$$/m);
});
afterAll(async () => {
  await server?.stop();
  await server?.removeSandboxes();
  rmSync(dataDir, { recursive: true, force: true });
});

/**
 * What is under way when the server is killed, beside typing, and within which time of its
 * beginning it is killed. Errors are what a killed server gives.
 */
const DEEDS: Record<string, { withinMs: number; do: (bob: Learner) => Promise<unknown> }> = {
  start: { withinMs: 12_000, do: (bob) => bob.client.post("/api/sessions", { scenario: "static-pod" }) },
  check: { withinMs: 1500, do: () => check() },
  reset: { withinMs: 5000, do: (bob) => bob.reset() },
  typing: { withinMs: 1500, do: async () => undefined },
  end: { withinMs: 3000, do: (bob) => bob.client.ask("DELETE", `/api/sessions/${bob.session}`) },
};

/**
 * Which sandboxes the records say there are, and for what; and of which of them the engine lacks
 * something, or has too much.
 */
async function compare(engine: Engine, installation: string) {
  const records = new Records(dataDir);
  const known = await Promise.all((await records.ids()).map((id) => records.read(id)));
  const ids = new Set(known.map((record) => record!.id));
  const kinds: Record<string, (string | undefined)[]> = {
    containers: (await listContainers(engine, { installation })).map(({ sandboxId }) => sandboxId),
    networks: (await listNetworks(engine, { installation })).map(sandboxIdOf),
    volumes: (await listVolumes(engine, { installation })).map(sandboxIdOf),
  };
  const differences = Object.entries(kinds).flatMap(([kind, found]) => [
    ...[...ids].filter((id) => !found.includes(id)).map((id) => `${id} has no ${kind}`),
    ...found.filter((id) => !ids.has(id!)).map((id) => `${kind} of ${id}, which nobody has`),
  ]);
  const finished = known.filter((record) => record!.state === "ready" || record!.state === "leased") as FinishedRecord[];
  return {
    missingOrLeft: [...new Set(differences)],
    waiting: finished
      .filter(({ state }) => state === "ready")
      .map(({ topology }) => topology)
      .sort(),
    leased: finished.flatMap(({ leasedFor }) => leasedFor ?? []).sort(),
  };
}

const saved = new Set<string>();
async function check(): Promise<void> {
  const { status, body } = await ann.client.post(`/api/sessions/${ann.session}/check`);
  if (status === 201) saved.add(body.id as string);
}

test("kill -9 at any moment: the shell, its screen and every attempt are kept, and the engine has what the store says", async () => {
  const engine = await ensureEngine(readConfig(process.env), new Progress(), { install: false });
  const { installation } = readConfig({ ...process.env, DRYDOCK_HOME: dataDir });
  const bob = new Learner(server.url);
  await bob.client.get("/api/platform");
  await check();
  window.type("echo shell=$$; echo read''y\r");
  await window.shows("ready");
  const shell = /shell=\d+/.exec(window.text())![0];
  const late: string[] = [];

  for (let round = 0; round < ROUNDS; round += 1) {
    const [name, deed] = Object.entries(DEEDS)[round % Object.keys(DEEDS).length]!;
    window.type(`for n in $(seq ${LINES}); do echo line-${round}-$n; sleep 0.01; done\r`);
    // Before that the keys may not have come to the server.
    await window.shows(`line-${round}-1`);
    void deed.do(bob).catch(() => undefined);
    const afterMs = Math.round(random.next() * deed.withinMs);
    await sleep(afterMs);
    await server.kill();
    const killedAt = performance.now();
    await server.launch();
    const startedAt = performance.now();
    [ann, bob].forEach((learner) => learner.comeBack(server.url));
    window = await ann.look();
    await window.shows(`line-${round}-1`);
    const [backMs, sinceKillMs] = [startedAt, killedAt].map((moment) => performance.now() - moment) as [number, number];
    // What the shell still does comes first.
    window.type(`echo after-${round}-$x-$$\r`);
    await window.shows(new RegExp(`^after-${round}-kept-\\d+$`, "m"));
    console.log(
      `killed ${afterMs} ms into ${name} (seed ${random.seed}): the shell is back ${backMs.toFixed(0)} ms after the server, ${sinceKillMs.toFixed(0)} ms after the kill`,
    );
    if (backMs > BACK_MS) late.push(`${name}, round ${round}: ${backMs.toFixed(0)} ms`);
    const sessions = (await bob.client.get("/api/sessions")).body.sessions as { id: string; state: string }[];
    bob.session = sessions.find(({ state }) => state !== "ended")?.id ?? "";
  }

  const expected = Array.from({ length: ROUNDS }, (_, round) => [
    ...Array.from({ length: LINES }, (_line, index) => `line-${round}-${index + 1}`),
    `after-${round}-kept-${shell.slice("shell=".length)}`,
  ]).flat();
  await window.shows(expected.at(-1)!);
  expect(window.text().match(/^(line-\d+-\d+|after-\d+-kept-\d+)$/gm)).toEqual(expected);
  expect(late, `later than ${BACK_MS} ms`).toEqual([]);

  const attempts = (await ann.client.get("/api/scenarios/rollback-deployment/attempts")).body.attempts as { id: string }[];
  expect([...saved].filter((one) => !attempts.some(({ id }) => id === one))).toEqual([]);

  // Whatever was interrupted is done again or put away, and the pool is filled: then there is
  // nothing that nobody knows of, and nothing is missing.
  if (bob.session) await bob.until("ready", SANDBOX_MS);
  const pool = async () => (await ann.client.get("/api/platform")).body.pool as { ready: number; isRefilling: boolean };
  await expect.poll(pool, { timeout: SANDBOX_MS, interval: 1000 }).toMatchObject({ ready: 2, isRefilling: false });
  await expect
    .poll(() => compare(engine, installation), { timeout: 60_000, interval: 1000 })
    .toEqual({
      missingOrLeft: [],
      waiting: ["single-node", "two-node"],
      leased: [ann.session, bob.session].filter(Boolean).sort(),
    });
}, 1_200_000);
