import { spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "libsql";
import { afterEach, beforeEach, expect, test } from "vitest";
import { attemptRow, sessionRow } from "../testing/rows.ts";
import { backUp } from "./backup.ts";
import { replaceDatabase } from "./copies.ts";
import { examine } from "./examine.ts";
import { stage, stagedPath, unstage } from "./staging.ts";
import { openStore } from "./store.ts";

const now = new Date("2026-11-26T17:33:05.123Z");
let home: string;
let dataDir: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "drydock-backup-"));
  dataDir = join(home, "data");
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const backups = () => (existsSync(join(dataDir, "backups")) ? readdirSync(join(dataDir, "backups")).sort() : []);

/** A database with one session and `attempts` attempts of some size. */
async function fill(attempts: number, dir = dataDir): Promise<void> {
  const store = await openStore(dir);
  await store.sessions.insert(sessionRow());
  for (let n = 0; n < attempts; n += 1) {
    await store.attempts.insert(attemptRow({ id: `a${n}`, checks: JSON.stringify("x".repeat(2000)) }));
  }
  await store.close();
}

function withDatabase(path: string, work: (sqlite: Sqlite.Database) => void): void {
  const sqlite = new Sqlite(path);
  work(sqlite);
  sqlite.pragma("wal_checkpoint(TRUNCATE)");
  sqlite.close();
}

test("after a clean stop drydock.db alone is everything", async () => {
  await fill(20);
  const copy = join(home, "copy.db");
  copyFileSync(join(dataDir, "drydock.db"), copy);
  expect(examine(copy, "The copy")).toMatchObject({ sessions: 1, attempts: 20, learners: 1 });
});

test("a backup beside a process that writes holds everything that was saved before it, and is one file", async () => {
  await fill(0);
  const script = `
    const { openStore } = await import(process.argv[1] + "/store.ts");
    const store = await openStore(process.argv[2]);
    for (let n = 0; ; n++) {
      await store.attempts.insert({ ...JSON.parse(process.argv[3]), id: "w" + n });
      process.stdout.write(n + "\\n");
    }`;
  const args = [
    "--import",
    "tsx",
    "--input-type=module",
    "-e",
    script,
    import.meta.dirname,
    dataDir,
    JSON.stringify(attemptRow()),
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    let saved = 0;
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => {
        saved += chunk.toString().split("\n").length - 1;
        if (saved > 30) resolve();
      });
    });
    const before = saved;
    const target = join(home, "out/one.db");
    const made = backUp(dataDir, target, { force: false, now });
    expect(made.attempts).toBeGreaterThanOrEqual(before);
    expect(made).toMatchObject({ path: target, bytes: statSync(target).size });
    const alone = join(home, "alone.db");
    copyFileSync(target, alone);
    expect(examine(alone, "It")).toMatchObject({ attempts: made.attempts });
    expect(readdirSync(join(home, "out")).filter((name) => name.includes("unfinished"))).toEqual([]);
  } finally {
    child.kill("SIGKILL");
  }
});

test("a backup replaces no file unasked; a folder gets a dated name; without a database it says so", async () => {
  const target = join(home, "mine.txt");
  expect(() => backUp(dataDir, target, { force: false, now })).toThrow(/no database in/);
  await fill(1);
  writeFileSync(target, "mine");
  expect(() => backUp(dataDir, target, { force: false, now })).toThrow(expect.objectContaining({ code: "backup.exists" }));
  expect(readFileSync(target, "utf8")).toBe("mine");
  expect(backUp(dataDir, target, { force: true, now }).attempts).toBe(1);
  expect(backUp(dataDir, home, { force: false, now }).path).toBe(join(home, "drydock-2026-11-26T17-33-05Z.db"));
});

test("a restored database is the backup's, and the one before is kept whole", async () => {
  await fill(2);
  const backup = join(home, "b.db");
  backUp(dataDir, backup, { force: false, now });
  const store = await openStore(dataDir);
  await store.attempts.insert(attemptRow({ id: "later" }));
  await store.close();
  const { name, content } = await stage(dataDir, backup);
  expect(content).toMatchObject({ sessions: 1, attempts: 2 });
  const kept = replaceDatabase(dataDir, stagedPath(dataDir, name), now);
  unstage(dataDir, name);
  expect(kept).toBe(join(dataDir, "backups/drydock-2026-11-26T17-33-05Z-replaced.db"));
  expect(examine(kept!, "kept")).toMatchObject({ attempts: 3 });
  const again = await openStore(dataDir);
  expect((await again.attempts.ofScenario("ann", "one")).map(({ id }) => id).sort()).toEqual(["a0", "a1"]);
  await again.close();
  expect(readdirSync(dataDir).filter((one) => one.startsWith("restore-"))).toEqual([]);
});

test("what a killed server left in its log is kept with the database that is replaced, and does not get into the new one", async () => {
  await fill(1);
  const backup = join(home, "b.db");
  backUp(dataDir, backup, { force: false, now });
  // As after a kill: the changes are in the log only.
  const crashed = join(home, "crashed");
  const store = await openStore(dataDir);
  await store.attempts.insert(attemptRow({ id: "in-the-log" }));
  mkdirSync(crashed);
  for (const name of ["drydock.db", "drydock.db-wal"]) copyFileSync(join(dataDir, name), join(crashed, name));
  await store.close();
  const { name } = await stage(crashed, backup);
  const kept = replaceDatabase(crashed, stagedPath(crashed, name), now);
  expect(examine(kept!, "kept")).toMatchObject({ attempts: 2 });
  expect(examine(join(crashed, "drydock.db"), "new")).toMatchObject({ attempts: 1 });
});

test("a damaged database can be replaced, and is kept", async () => {
  await fill(1);
  const backup = join(home, "b.db");
  backUp(dataDir, backup, { force: false, now });
  const broken = join(home, "broken");
  mkdirSync(broken);
  writeFileSync(join(broken, "drydock.db"), "no database any more ".repeat(500));
  const { name } = await stage(broken, backup);
  const kept = replaceDatabase(broken, stagedPath(broken, name), now);
  expect(readFileSync(kept!, "utf8")).toContain("no database any more");
  expect(examine(join(broken, "drydock.db"), "new")).toMatchObject({ attempts: 1 });
});

test("a log that cannot be emptied, as it is still read, goes with the database that it belongs to", async () => {
  await fill(1);
  const backup = join(home, "b.db");
  backUp(dataDir, backup, { force: false, now });
  const reader = new Sqlite(join(dataDir, "drydock.db"));
  reader.exec("begin");
  reader.prepare("select count(*) from attempts").all();
  const store = await openStore(dataDir);
  await store.attempts.insert(attemptRow({ id: "in-the-log" }));
  await store.close();
  const { name } = await stage(dataDir, backup);
  const kept = replaceDatabase(dataDir, stagedPath(dataDir, name), now);
  reader.close();
  expect(statSync(`${kept}-wal`).size).toBeGreaterThan(0);
  expect(examine(join(dataDir, "drydock.db"), "new")).toMatchObject({ attempts: 1 });
  expect(examine(kept!, "kept")).toMatchObject({ attempts: 2 });
}, 60_000);

test("a copy of a data directory that was in use is restored with what its log holds", async () => {
  const store = await openStore(dataDir);
  await store.sessions.insert(sessionRow());
  const copy = join(home, "copy.db");
  copyFileSync(join(dataDir, "drydock.db"), copy);
  copyFileSync(join(dataDir, "drydock.db-wal"), `${copy}-wal`);
  await store.close();
  const before = readFileSync(copy);
  expect((await stage(dataDir, copy)).content).toMatchObject({ sessions: 1 });
  expect(readFileSync(copy)).toEqual(before);
});

test.each([
  ["a text", (path: string) => writeFileSync(path, "no database at all, but long enough to be one".repeat(100)), "store.damaged"],
  ["an empty file", (path: string) => writeFileSync(path, ""), "store.not-ours"],
  [
    "another program's",
    (path: string) => withDatabase(path, (db) => db.exec("create table sessions (id text)")),
    "store.not-ours",
  ],
])("%s is not restored, and nothing is left of it", async (_title, make, code) => {
  await fill(1);
  const file = join(home, "file.db");
  make(file);
  await expect(stage(dataDir, file)).rejects.toMatchObject({ code });
  await expect(stage(dataDir, join(home, "none"))).rejects.toMatchObject({ code: "restore.missing" });
  await expect(stage(dataDir, join(dataDir, "drydock.db"))).rejects.toMatchObject({ code: "restore.in-use" });
  expect(readdirSync(dataDir).filter((name) => name.startsWith("restore-"))).toEqual([]);
});

test("a damaged backup is not restored", async () => {
  await fill(200);
  const file = join(home, "file.db");
  backUp(dataDir, file, { force: false, now });
  const bytes = readFileSync(file);
  bytes.fill(0xab, 4096 * 5, 4096 * 8);
  writeFileSync(file, bytes);
  await expect(stage(dataDir, file)).rejects.toMatchObject({ code: "store.damaged" });
});

test("a backup whose tables and indexes do not agree is not restored, though it can be read", async () => {
  await fill(20);
  const file = join(home, "file.db");
  backUp(dataDir, file, { force: false, now });
  withDatabase(file, (db) => {
    db.pragma("writable_schema = on");
    const other = "(select rootpage from sqlite_master where name = 'sessions_learner')";
    db.exec(`update sqlite_master set rootpage = ${other} where name = 'attempts_scenario'`);
  });
  await expect(stage(dataDir, file)).rejects.toMatchObject({
    code: "store.damaged",
    message: expect.stringContaining("is damaged: "),
  });
});

test("a database of a newer program is neither opened nor changed nor restored, and the advice says what to do", async () => {
  await fill(1);
  const path = join(dataDir, "drydock.db");
  withDatabase(path, (db) => db.exec("insert into kysely_migration values ('9999-later', '2030-01-01')"));
  const before = readFileSync(path);
  const newer = {
    code: "store.newer",
    message: expect.stringContaining("9999-later"),
    advice: expect.stringContaining("backups"),
  };
  await expect(openStore(dataDir)).rejects.toMatchObject(newer);
  expect(readFileSync(path)).toEqual(before);
  copyFileSync(path, join(home, "newer.db"));
  await expect(stage(dataDir, join(home, "newer.db"))).rejects.toMatchObject(newer);
});

test("before its shape changes a copy of the database is kept, and of such copies the latest five", async () => {
  await fill(1);
  expect(backups()).toEqual([]);
  const path = join(dataDir, "drydock.db");
  const age = () =>
    withDatabase(path, (db) => {
      db.exec("alter table sessions drop column lease_left_ms");
      db.exec("delete from kysely_migration where name = '0003-lease'");
    });
  for (let day = 1; day <= 7; day += 1) {
    age();
    await (await openStore(dataDir, { now: () => new Date(`2026-12-0${day}T00:00:00Z`) })).close();
  }
  expect(backups()).toEqual([3, 4, 5, 6, 7].map((day) => `drydock-2026-12-0${day}T00-00-00Z-before-0003-lease.db`));
  const [first] = backups();
  withDatabase(join(dataDir, "backups", first!), (db) =>
    expect(db.prepare("select name from pragma_table_info('sessions')").pluck().all()).not.toContain("lease_left_ms"),
  );
  expect(examine(path, "It")).toMatchObject({ attempts: 1 });
});

test("a damaged database is told as one, with what to do", async () => {
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, "drydock.db"), "not a database ".repeat(1000));
  await expect(openStore(dataDir)).rejects.toMatchObject({
    code: "store.damaged",
    advice: expect.stringContaining("drydock restore"),
  });
});
