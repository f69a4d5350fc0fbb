import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Catalogue } from "./catalogue.ts";
import { restore } from "./database/restore.ts";
import { askOperator } from "./operator/ask.ts";
import { serve, type Serving } from "./serve.ts";
import { backUp } from "./store/backup.ts";
import { examine } from "./store/examine.ts";
import { lockDataDir } from "./store/lock.ts";
import { stage } from "./store/staging.ts";
import { Client } from "./testing/client.ts";
import { createFakeLab, FakeEngine, fakeReport, fakeScenario, type FakeBehaviour } from "./testing/fake-lab.ts";
import { TEST_OPTIONS } from "./testing/options.ts";
import { eventually } from "./testing/test-server.ts";

let dataDir: string;
let serving: Serving;
let lock: ReturnType<typeof lockDataDir>;
let engine: FakeEngine;
let behaviour: FakeBehaviour;
let learner: Client;
let lost: unknown[];
let serverHolds: boolean;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "drydock-restore-"));
  engine = new FakeEngine();
  behaviour = {};
  lost = [];
  serverHolds = true;
  lock = lockDataDir(dataDir);
  serving = await serve({
    ...TEST_OPTIONS,
    dataDir,
    catalogue: new Catalogue([fakeScenario("one"), fakeScenario("two", { topology: "single-node" })]),
    openLab: async () => createFakeLab(engine, behaviour),
    log: pino({ level: process.env["DRYDOCK_LOG"] ?? "silent" }),
    port: 0,
    pageDir: dataDir,
    onLost: (error) => lost.push(error),
  });
  lock.announce(serving.url);
  learner = new Client(serving.url);
  await learner.get("/api/platform");
});
afterEach(async () => {
  await serving.stop();
  if (serverHolds) lock.release();
  rmSync(dataDir, { recursive: true, force: true });
});

const note = () => ({ pid: process.pid, url: serving.url });
const leftovers = () => readdirSync(dataDir).filter((name) => name.startsWith("restore-"));

async function until(id: string, state: string): Promise<void> {
  await eventually(async () => expect((await learner.get(`/api/sessions/${id}`)).body).toMatchObject({ state }));
}

async function ready(scenario: string): Promise<string> {
  const { id } = (await learner.post("/api/sessions", { scenario })).body as { id: string };
  await until(id, "ready");
  return id;
}

test("a backup is restored while the server runs: sessions, sandboxes, attempts and windows are as it says", async () => {
  const kept = await ready("one");
  await learner.post(`/api/sessions/${kept}/check`);
  const terminal = (await learner.post(`/api/sessions/${kept}/terminals`, { host: "node01" })).body.id as string;
  const file = join(dataDir, "my.backup");
  backUp(dataDir, file, { force: false, now: new Date() });

  const later = await ready("two");
  behaviour.grade = async (scenario) => fakeReport(scenario, "passed");
  await learner.post(`/api/sessions/${kept}/check`);
  expect((await learner.get("/api/scenarios/one/attempts")).body.attempts).toHaveLength(2);
  const window = learner.stream(`/api/sessions/${kept}/terminals/${terminal}/stream?cols=80&rows=24`);
  window.on("error", () => undefined);
  const closed = new Promise((resolve) => window.on("close", resolve));
  await new Promise((resolve) => window.on("open", resolve));
  const { url } = serving;

  const refused = restore(dataDir, file, { force: false, now: new Date() });
  await expect(refused).rejects.toMatchObject({
    code: "restore.loses-clusters",
    message: expect.stringMatching(new RegExp(`two .*${later}, ready`)),
  });
  expect((await learner.get(`/api/sessions/${later}`)).body.state).toBe("ready");

  const done = await restore(dataDir, file, { force: true, now: new Date() });
  expect(done).toMatchObject({ wasRunning: true, content: { sessions: 1, attempts: 1 } });
  expect(examine(done.kept!, "kept")).toMatchObject({ sessions: 2, attempts: 2 });
  expect(await closed).toBe(1012);
  expect(serving.url).toBe(url);
  await until(kept, "ready");
  expect((await learner.get(`/api/sessions/${later}`)).status).toBe(404);
  expect((await learner.get("/api/scenarios/one/attempts")).body.attempts).toHaveLength(1);
  await eventually(() => expect([...engine.records.values()].map((one) => one.leasedFor)).toEqual([kept]));
  expect((await learner.post(`/api/sessions/${kept}/check`)).status).toBe(201);
  expect((await learner.post("/api/sessions", { scenario: "two" })).status).toBe(201);
  expect(leftovers()).toEqual([]);
  expect(lost).toEqual([]);
});

test("a session whose sandbox is gone by now is lost after a restore, and a reset gives it a new one", async () => {
  const id = await ready("one");
  const file = join(dataDir, "my.backup");
  backUp(dataDir, file, { force: false, now: new Date() });
  await learner.ask("DELETE", `/api/sessions/${id}`);
  await eventually(() => expect(engine.records.size).toBe(0));
  await restore(dataDir, file, { force: false, now: new Date() });
  await until(id, "lost");
  await learner.post(`/api/sessions/${id}/reset`);
  await until(id, "ready");
});

test("a preparation that is under way is stopped, and begun anew where the backup has it", async () => {
  behaviour.createHeld = true;
  const { id } = (await learner.post("/api/sessions", { scenario: "one" })).body as { id: string };
  await eventually(() => expect(engine.calls).toContain("create box-1"));
  const file = join(dataDir, "my.backup");
  backUp(dataDir, file, { force: false, now: new Date() });
  await restore(dataDir, file, { force: false, now: new Date() });
  await eventually(() => expect(engine.calls).toContain("create box-2"));
  behaviour.createHeld = false;
  await until(id, "ready");
  expect(engine.records.size).toBe(1);
});

test("only who can read the data directory may ask, and only for a checked copy in it", async () => {
  const at = "/api/operator/restore";
  for (const authorization of [undefined, "", "Bearer ", `Bearer ${"x".repeat(43)}`]) {
    const answer = await learner.ask("POST", at, { body: { staged: "restore-abcdef" }, headers: { authorization } });
    expect(answer).toMatchObject({ status: 401, body: { error: { code: "operator.refused" } } });
    expect((await learner.ask("GET", at, { headers: { authorization } })).status).toBe(401);
  }
  expect(statSync(join(dataDir, "operator.token")).mode & 0o077).toBe(0);
  for (const staged of ["restore-abcdef", "..", "../restore-abcdef", "backups"]) {
    await expect(askOperator(dataDir, note(), "POST", { staged })).rejects.toMatchObject({ code: "restore.unknown" });
  }
  expect(await askOperator(dataDir, note(), "GET")).toEqual({ state: "none" });
});

test("what cannot be put in place leaves the server on its own database, and says why", async () => {
  const id = await ready("one");
  const file = join(dataDir, "my.backup");
  backUp(dataDir, file, { force: false, now: new Date() });
  const { name } = await stage(dataDir, file);
  await askOperator(dataDir, note(), "POST", { staged: name });
  // It was there when the server looked, and is gone when the server wants it.
  rmSync(join(dataDir, name), { recursive: true });
  await eventually(async () => {
    const state = await askOperator(dataDir, note(), "GET");
    expect(state).toMatchObject({ state: "failed", error: { code: "restore.unknown" } });
  });
  await until(id, "ready");
  expect((await learner.get("/api/sessions")).body.sessions).toHaveLength(1);
});

test("without a server the file is put in place at once", async () => {
  const id = await ready("one");
  const file = join(dataDir, "my.backup");
  backUp(dataDir, file, { force: false, now: new Date() });
  await learner.ask("DELETE", `/api/sessions/${id}`);
  await serving.stop();
  lock.release();
  serverHolds = false;
  expect(existsSync(join(dataDir, "operator.token"))).toBe(false);
  const done = await restore(dataDir, file, { force: false, now: new Date() });
  expect(done).toMatchObject({ wasRunning: false, kept: expect.stringContaining("replaced") });
  expect(examine(join(dataDir, "drydock.db"), "It")).toMatchObject({ sessions: 1 });
});
