import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { wordStoreError } from "./errors.ts";
import { lockDataDir } from "./lock.ts";
import { openStore } from "./store.ts";
import { attemptRow as attempt, sessionRow as session } from "../testing/rows.ts";

let dataDir: string;
beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), "drydock-store-"))));
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test("a learner has one running session of a scenario; an ended one leaves room and is not changed any more", async () => {
  const { sessions, close } = await openStore(dataDir);
  await sessions.insert(session());
  await expect(sessions.insert(session({ id: "s2" }))).rejects.toMatchObject({ code: "store.duplicate" });
  await sessions.insert(session({ id: "s3", learner: "bob" }));
  await sessions.update("s1", { state: "ended" });
  expect(await sessions.update("s1", { state: "ready" })).toBeUndefined();
  expect(await sessions.update("s1", { sandbox: "box" })).toBeUndefined();
  expect(await sessions.find("s1")).toMatchObject({ state: "ended", sandbox: null });
  await sessions.insert(session({ id: "s2", started_at: "2026-01-02" }));
  expect((await sessions.ofLearner("ann")).map((row) => row.id)).toEqual(["s2", "s1"]);
  expect(await sessions.findRunning("ann", "one")).toMatchObject({ id: "s2" });
  await close();
});

test("the best result is that with the most points, and solved once is solved", async () => {
  const { sessions, attempts, close } = await openStore(dataDir);
  await sessions.insert(session());
  await attempts.insert(attempt({ id: "a1", points: 2 }));
  await attempts.insert(attempt({ id: "a2", points: 3, verdict: "passed", started_at: "2026-01-02" }));
  await attempts.insert(attempt({ id: "a3", points: 0, verdict: "error", started_at: "2026-01-03" }));
  await attempts.insert(attempt({ id: "a4", learner: "bob", points: 1 }));
  expect(await attempts.best("ann")).toEqual(new Map([["one", { points: 3, solved: true }]]));
  expect(await attempts.best("bob")).toEqual(new Map([["one", { points: 1, solved: false }]]));
  expect((await attempts.ofScenario("ann", "one")).map((row) => row.id)).toEqual(["a3", "a2", "a1"]);
  await close();
});

test("what was saved is there after it is opened again", async () => {
  const first = await openStore(dataDir);
  await first.sessions.insert(session());
  await first.terminals.insert({
    id: "t1",
    session: "s1",
    host: "node01",
    number: 1,
    created_at: "1",
    exited_at: null,
    exit_code: null,
  });
  await first.terminals.exited("t1", "2", 7);
  await first.close();
  const second = await openStore(dataDir);
  expect(await second.terminals.ofSession("s1")).toMatchObject([{ id: "t1", exit_code: 7 }]);
  await second.close();
});

/** Writes attempts until it is killed, and says the id of each when it was told to be saved. */
const WRITER = `
const { openStore } = await import(process.argv[1] + "/store.ts");
const store = await openStore(process.argv[2]);
const checks = JSON.stringify(Array.from({ length: 200 }, (_, n) => ({ id: "check-" + n, found: { en: "x".repeat(100) } })));
for (let n = 0; ; n++) {
  const id = process.argv[3] + "-" + n;
  await store.attempts.insert({ ...JSON.parse(process.argv[4]), id, checks });
  process.stdout.write(id + "\\n");
}`;

test("kill -9 in the middle of writing loses no attempt that was told to be saved, and tears none", async () => {
  const first = await openStore(dataDir);
  await first.sessions.insert(session());
  await first.close();
  const saved: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    const args = [
      "--import",
      "tsx",
      "--input-type=module",
      "-e",
      WRITER,
      import.meta.dirname,
      dataDir,
      `r${round}`,
      JSON.stringify(attempt()),
    ];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        if (said.split("\n").length > 20 + round * 7) child.kill("SIGKILL");
      });
      child.on("close", () => resolve());
    });
    saved.push(...said.split("\n").slice(0, -1));
  }
  expect(saved.length).toBeGreaterThan(80);
  const { attempts, close } = await openStore(dataDir);
  const rows = await attempts.ofScenario("ann", "one");
  for (const row of rows) expect(JSON.parse(row.checks)).toHaveLength(200);
  const { default: Sqlite } = await import("libsql");
  const raw = new Sqlite(join(dataDir, "drydock.db"), { readonly: true });
  expect(raw.prepare("pragma integrity_check").get()).toMatchObject({ integrity_check: "ok" });
  const ids = new Set(raw.prepare("select id from attempts").pluck().all());
  raw.close();
  expect(saved.filter((id) => !ids.has(id))).toEqual([]);
  await close();
}, 60_000);

test("a full disk is a clear error, and nothing is torn", async () => {
  const store = await openStore(dataDir);
  await store.sessions.insert(session());
  await store.attempts.insert(attempt());
  await store.close();
  const { default: Sqlite } = await import("libsql");
  const raw = new Sqlite(join(dataDir, "drydock.db"));
  const { page_count: pages } = raw.prepare("pragma page_count").get() as { page_count: number };
  raw.close();
  // The same as a full disk, as far as SQLite tells: no page can be added.
  const full = await openStore(dataDir, { maxPages: pages + 1 });
  const large = attempt({ id: "a2", checks: JSON.stringify("x".repeat(100_000)) });
  await expect(full.attempts.insert(large)).rejects.toMatchObject({
    code: "store.full",
    advice: expect.stringContaining("Free some space"),
  });
  expect((await full.attempts.ofScenario("ann", "one")).map((row) => row.id)).toEqual(["a1"]);
  await full.close();
  const again = await openStore(dataDir);
  await again.attempts.insert(large);
  expect(await again.attempts.ofScenario("ann", "one")).toHaveLength(2);
  await again.close();
});

test("other failures of the database say what was being done", () => {
  expect(
    wordStoreError("Saving the attempt", Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR_FSYNC" })),
  ).toMatchObject({
    code: "store.failed",
    message: 'Saving the attempt: the database says "disk I/O error"',
  });
});

test("a second server on the same data directory is told where the first one is; a killed one is in nobody's way", async () => {
  const script = `const { lockDataDir } = await import(process.argv[1] + "/lock.ts"); lockDataDir(process.argv[2]).announce("http://here"); console.log("locked"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script, import.meta.dirname, dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  expect(() => lockDataDir(dataDir)).toThrow(`Another server uses ${dataDir}: http://here (process ${child.pid})`);
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("exit", resolve));
  const lock = lockDataDir(dataDir);
  lock.release();
  lockDataDir(dataDir).release();
}, 30_000);
