import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createKindProvider } from "./index.ts";
import { labelArgs } from "./labels.ts";
import { type Maker, thisMaker } from "./maker.ts";
import { containerName, volumeName } from "./names.ts";
import type { Owner, SandboxProvider } from "./provider.ts";
import { Records } from "./records.ts";
import { FakeEngine } from "./testing/fake-engine.ts";

const ID = "abcd2345";
const INSTALLATION = "0badcafe";
const DEAD: Maker = { pid: 2 ** 22 + 1, startedAt: "long ago" };
const BASE = { id: ID, engine: "podman", topology: "two-node", owner: "server", createdAt: "2026-01-01T00:00:00Z" } as const;

let dataDir: string;
let engine: FakeEngine;
let records: Records;
let provider: SandboxProvider;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "drydock-garbage-"));
  engine = new FakeEngine();
  records = new Records(dataDir);
  const never = (): Promise<string> => Promise.reject(new Error("nothing is made in this test"));
  provider = createKindProvider({
    config: { dataDir, cacheDir: dataDir, installation: INSTALLATION },
    engine,
    nodeImage: never,
    kindPath: never,
  });
});
afterEach(() => rm(dataDir, { recursive: true }));

/** What a whole sandbox leaves in the engine. */
function addObjects({
  id = ID,
  installation = INSTALLATION,
  owner = "server" as Owner,
  hosts = ["controlplane", "node01"],
} = {}): void {
  const labels = (kind: "node" | "network" | "volume", host?: string): Record<string, string> =>
    Object.fromEntries(labelArgs(kind, { id, installation, owner }, host).map((arg) => arg.replace("--label=", "").split("=")));
  engine.objects.push({ kind: "network", name: `drydock-${id}`, labels: labels("network") });
  for (const host of hosts) {
    const name = containerName(id, "two-node", host)!;
    engine.objects.push({ kind: "container", name, labels: labels("node", host), status: "running" });
    engine.objects.push({ kind: "volume", name: volumeName(name), labels: labels("volume") });
  }
}

test.each(["creating", "removing"] as const)("a sandbox in the state %s goes when its maker is dead", async (state) => {
  await records.write({ ...BASE, state, maker: DEAD });
  addObjects({ hosts: ["controlplane"] });
  expect(await provider.collectGarbage("server")).toEqual([ID]);
  expect(engine.objects).toEqual([]);
  expect(await records.ids()).toEqual([]);
});

test("a container of the installation that belongs to no sandbox is none, and stays", async () => {
  const labels = { drydock: "helper", "drydock.installation": INSTALLATION };
  engine.objects.push({ kind: "container", name: "raises-limits", labels, status: "running" });
  expect(await provider.list()).toEqual([]);
  expect(await provider.collectGarbage("server")).toEqual([]);
  expect(engine.objects).toHaveLength(1);
});

test("one whose maker lives, or that another owner makes, stays", async () => {
  await records.write({ ...BASE, state: "creating", maker: await thisMaker() });
  await records.write({ ...BASE, id: "cli22222", owner: "cli", state: "creating", maker: DEAD });
  addObjects();
  expect(await provider.collectGarbage("server")).toEqual([]);
  expect(engine.objects).toHaveLength(5);
});

test("a finished one stays while it has a container, even a lost one, and goes when it has none", async () => {
  await records.write({ ...BASE, state: "leased", leasedFor: "session" });
  addObjects({ hosts: ["controlplane"] });
  expect(await provider.list()).toMatchObject([{ id: ID, state: "lost" }]);
  expect(await provider.collectGarbage("server")).toEqual([]);
  engine.objects = engine.objects.filter(({ kind }) => kind !== "container");
  expect(await provider.collectGarbage("server")).toEqual([ID]);
  expect(engine.objects).toEqual([]);
});

test("objects without a record go, those of other installations and owners stay", async () => {
  addObjects();
  addObjects({ id: "other222", installation: "99999999" });
  addObjects({ id: "cli22222", owner: "cli" });
  expect(await provider.collectGarbage("server")).toEqual([ID]);
  expect(new Set(engine.objects.map(({ labels }) => labels["drydock.sandbox"]))).toEqual(new Set(["other222", "cli22222"]));
});

test("a network that was all there ever was goes too", async () => {
  addObjects({ hosts: [] });
  expect(await provider.collectGarbage("server")).toEqual([ID]);
  expect(engine.objects).toEqual([]);
});

test("an engine that does not answer loses nobody's sandbox", async () => {
  await records.write({ ...BASE, state: "leased" });
  addObjects();
  engine.down = true;
  await expect(provider.collectGarbage("server")).rejects.toMatchObject({ code: "process.failed" });
  expect(await records.read(ID)).toMatchObject({ state: "leased" });
});

test("a record of the other engine means nothing here and stays", async () => {
  await records.write({ ...BASE, engine: "docker", state: "leased" });
  expect(await provider.collectGarbage("server")).toEqual([]);
  expect(await provider.list()).toEqual([]);
  expect(await records.ids()).toEqual([ID]);
});

test("a removal that fails at first is tried again until nothing is left", async () => {
  await records.write({ ...BASE, state: "ready" });
  addObjects();
  engine.refusals = 2;
  await provider.remove(ID);
  expect(engine.objects).toEqual([]);
  await provider.remove(ID);
});

test("what is being removed can no longer be opened, leased or thawed", async () => {
  await records.write({ ...BASE, state: "removing", maker: await thisMaker() });
  addObjects();
  for (const use of ["open", "thaw", "freeze", "lease"] as const) {
    await expect(provider[use](ID, "session")).rejects.toMatchObject({ code: "sandbox.unknown" });
  }
});

test("freezing pauses what runs, once; a half-frozen one is frozen to the end", async () => {
  await records.write({ ...BASE, state: "ready" });
  addObjects();
  engine.objects.find(({ name }) => name.endsWith("worker"))!.status = "paused";
  await provider.freeze(ID);
  await provider.freeze(ID);
  expect(engine.calls.filter((call) => call.startsWith("pause"))).toEqual([`pause drydock-${ID}-control-plane`]);
  expect(await provider.list()).toMatchObject([{ state: "ready", frozen: true }]);
});

test("an id from outside that is no id is unknown", async () => {
  await expect(provider.open("../../etc")).rejects.toMatchObject({ code: "sandbox.unknown" });
  await expect(provider.remove("..")).rejects.toMatchObject({ code: "sandbox.unknown" });
});
