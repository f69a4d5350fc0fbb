import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isAlive, thisMaker } from "./maker.ts";
import { Records } from "./records.ts";

let dataDir: string;
let records: Records;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "drydock-records-"));
  records = new Records(dataDir);
});
afterEach(() => rm(dataDir, { recursive: true }));

const FINISHED = {
  id: "abcd2345",
  engine: "podman",
  topology: "two-node",
  owner: "cli",
  createdAt: "2026-01-01T00:00:00Z",
} as const;

test("a record that was written is read again, and gone after its removal", async () => {
  await records.write({ ...FINISHED, state: "leased", leasedFor: "drain-node01" });
  expect(await records.read("abcd2345")).toEqual({ ...FINISHED, state: "leased", leasedFor: "drain-node01" });
  expect(await records.ids()).toEqual(["abcd2345"]);
  await records.remove("abcd2345");
  expect(await records.read("abcd2345")).toBeUndefined();
  expect(await records.ids()).toEqual([]);
});

test("a torn or foreign record counts as none", async () => {
  await records.write({ ...FINISHED, state: "ready" });
  for (const text of ['{"id":"abcd', "[]", '{"state":"ready"}', ""]) {
    await writeFile(join(records.folder("abcd2345"), "sandbox.json"), text);
    expect(await records.read("abcd2345")).toBeUndefined();
  }
});

test("a finished sandbox that is being removed belongs to the one who removes it", async () => {
  const maker = await thisMaker();
  await records.markRemoving({ ...FINISHED, state: "leased", leasedFor: "x" }, maker);
  expect(await records.read("abcd2345")).toEqual({ ...FINISHED, state: "removing", maker });
});

test("what is no id never becomes a path", () => {
  for (const id of ["..", "../../etc", "", "ABCD2345", "abcd2345/.."]) expect(() => records.folder(id)).toThrow("no sandbox");
});

test("this process is alive; one of the same number that began at another time is not", async () => {
  const maker = await thisMaker();
  expect(await isAlive(maker)).toBe(true);
  expect(await isAlive({ ...maker, startedAt: "earlier" })).toBe(false);
  expect(await isAlive({ pid: 2 ** 22 + 1, startedAt: maker.startedAt })).toBe(false);
});
