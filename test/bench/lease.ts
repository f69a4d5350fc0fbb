import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { readClusterAccess } from "../../labs/src/checks/kubeconfig.ts";
import { createTransport } from "../../labs/src/checks/kube/transport.ts";
import { readConfig } from "../../labs/src/config.ts";
import { launchElsewhere } from "../../labs/src/launcher/launcher.ts";
import { type Sandbox, TOPOLOGIES } from "../../labs/src/sandbox/provider.ts";
import type { Scenario } from "../../labs/src/scenarios/schema.ts";
import { loadScenarios } from "../../labs/src/scenarios/load.ts";
import { Catalogue } from "../../server/src/catalogue.ts";
import { openRealLab } from "../../server/src/open-lab.ts";
import { startServer, type DrydockServer } from "../../server/src/server.ts";
import { openStore } from "../../server/src/store/store.ts";
import { Client } from "../../server/src/testing/client.ts";
import { TEST_OPTIONS } from "../../server/src/testing/options.ts";
import { TestWindow } from "../../server/src/testing/window.ts";
import { openShell } from "./terminal/gateway.ts";
import { measureEcho } from "./terminal/measurements.ts";
import { percentile, type BenchContext, type Figure } from "./figure.ts";

/** Fewer say nothing of a 95th percentile. */
const LEAST_ROUNDS = 8;
const LOOK_EVERY_MS = 10;
/** One of each topology. */
const POOLED = Object.keys(TOPOLOGIES).length;

/**
 * From a learner's request to the prompt of a shell on a cluster whose nodes are all Ready and
 * whose DNS answers, with one cluster waiting in the pool: for a start and for a reset. The server,
 * the engine and the cluster are real; the task has no set-up, whose own time is no matter of the
 * pool. And how much a learner who types notices of the pool being filled again.
 */
export async function measureLease({ config, rounds, cleanup, say }: BenchContext): Promise<Figure[]> {
  const dataDir = mkdtempSync(join(tmpdir(), "drydock-bench-"));
  cleanup.add(async () => rmSync(dataDir, { recursive: true, force: true }));
  const own = { ...readConfig({ ...process.env, DRYDOCK_HOME: dataDir }), cacheDir: config.cacheDir };
  const store = await openStore(dataDir);
  // As the server's main does.
  const endLauncher = launchElsewhere();
  const [{ setups: _none, ...any }] = loadScenarios(config.scenariosDir).scenarios as [Scenario];
  const scenario: Scenario = { ...any, slug: "blank", topology: "two-node", setups: {} };
  const server = await startServer({
    ...TEST_OPTIONS,
    store,
    catalogue: new Catalogue([scenario]),
    openLab: openRealLab(own),
    log: pino({ level: process.env.DRYDOCK_LOG ?? "silent" }),
    port: 0,
    pageDir: dataDir,
    maxSandboxes: undefined,
    poolSize: 1,
    freeBytes: freemem,
    newId: randomUUID,
  });
  cleanup.add(async () => {
    const { provider } = await server.machine.opened();
    await server.stop();
    for (const record of await provider.list()) await provider.remove(record.id);
    await store.close();
    endLauncher();
  });
  const client = new Client(server.url);
  await client.get("/api/platform");
  const starts: number[] = [];
  const resets: number[] = [];
  const quiet: number[] = [];
  const refilling: number[] = [];
  const count = Math.max(LEAST_ROUNDS, rounds);
  for (let round = 1; round <= count; round++) {
    await untilPool(client, isFull);
    let id = "";
    const ask = async () => void ({ id } = (await client.post("/api/sessions", { scenario: "blank" })).body as { id: string });
    starts.push(await timeLease(server, client, ask, () => id));
    await untilPool(client, isFull);
    resets.push(
      await timeLease(
        server,
        client,
        () => client.post(`/api/sessions/${id}/reset`),
        () => id,
      ),
    );
    await client.ask("DELETE", `/api/sessions/${id}`);
    say(`lease, round ${round} of ${count}: start ${starts.at(-1)!.toFixed(0)} ms, reset ${resets.at(-1)!.toFixed(0)} ms`);
  }
  const { id } = (await client.post("/api/sessions", { scenario: "blank" })).body as { id: string };
  const learner = { open: () => openShell(client, id) };
  for (let round = 1; round <= rounds; round++) {
    await untilPool(client, isFull);
    quiet.push((await measureEcho(learner)).p99);
    await takeOneOf(server);
    await untilPool(client, ({ isRefilling }) => isRefilling);
    refilling.push((await measureEcho(learner)).p99);
    say(`echo p99, pool full: ${quiet.at(-1)!.toFixed(1)} ms, while it refills: ${refilling.at(-1)!.toFixed(1)} ms`);
  }
  const figure = (name: string, values: number[], target: number): Figure => ({ name, unit: "ms", values, target });
  return [
    figure("start, request to prompt, all Ready, p50", starts, 1000),
    figure("start, p95", [percentile(starts, 0.95)], 2000),
    figure("reset, p50", resets, 2000),
    figure("reset, p95", [percentile(resets, 0.95)], 2000),
    { name: "echo p99 while the pool refills", unit: "ms", values: refilling, reference: { name: "pool full", values: quiet } },
  ];
}

interface PoolState {
  ready: number;
  isRefilling: boolean;
}

const isFull = ({ ready, isRefilling }: PoolState) => ready === POOLED && !isRefilling;

async function untilPool(client: Client, is: (pool: PoolState) => boolean): Promise<void> {
  for (;;) {
    const { pool } = (await client.get("/api/platform")).body as { pool?: PoolState };
    if (pool && is(pool)) return;
    await sleep(200);
  }
}

/** Somebody else starts the task and gives it up at once. */
async function takeOneOf({ url }: DrydockServer): Promise<void> {
  const other = new Client(url);
  await other.get("/api/platform");
  const { id } = (await other.post("/api/sessions", { scenario: "blank" })).body as { id: string };
  while ((await other.get(`/api/sessions/${id}`)).body.state !== "ready") await sleep(LOOK_EVERY_MS);
  await other.ask("DELETE", `/api/sessions/${id}`);
}

/** Milliseconds from a request until everything is there that a learner needs. */
async function timeLease(server: DrydockServer, client: Client, ask: () => Promise<unknown>, id: () => string): Promise<number> {
  const startedAt = performance.now();
  await ask();
  while ((await client.get(`/api/sessions/${id()}`)).body.state !== "ready") await sleep(LOOK_EVERY_MS);
  const prompt = async () => {
    const { body } = await client.post(`/api/sessions/${id()}/terminals`, { host: "controlplane" });
    const window = await TestWindow.open(client, id(), body.id as string);
    await window.shows(/controlplane:~[#$]/);
    window.socket.close();
  };
  const sandbox = await server.sessions.openSandbox(id());
  await Promise.all([prompt(), untilReady(sandbox), untilDnsAnswers(sandbox)]);
  return performance.now() - startedAt;
}

async function untilReady({ kubeconfigPath }: Sandbox): Promise<void> {
  const api = createTransport(await readClusterAccess(kubeconfigPath));
  type Nodes = { items: { status: { conditions: { type: string; status: string }[] } }[] };
  try {
    for (;;) {
      const { items } = JSON.parse((await api.call("GET", "/api/v1/nodes")).text) as Nodes;
      if (items.every(({ status }) => status.conditions.some((one) => one.type === "Ready" && one.status === "True"))) return;
      await sleep(LOOK_EVERY_MS);
    }
  } finally {
    api.close();
  }
}

async function untilDnsAnswers(sandbox: Sandbox): Promise<void> {
  const lookUp = ["/usr/bin/dig", "+short", "+time=1", "+tries=1", "@10.96.0.10", "kubernetes.default.svc.cluster.local"];
  while ((await sandbox.exec("controlplane", lookUp)).stdout.trim() !== "10.96.0.1");
}
