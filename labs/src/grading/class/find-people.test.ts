import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, afterEach, expect, it } from "vitest";
import { findPeople } from "./find-people.ts";

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "drydock-class-"))));
afterEach(() => rmSync(dir, { recursive: true }));

it("every script, manifest and folder is a person's; the rest is named, and a link or a pipe is a problem of the person's", async () => {
  for (const name of ["ben.sh", "anna.YAML", "class.csv", ".DS_Store"]) writeFileSync(join(dir, name), "");
  mkdirSync(join(dir, "chris.j"));
  symlinkSync("/etc/passwd", join(dir, "dora.sh"));
  execFileSync("mkfifo", [join(dir, "emil.sh")]);
  const { people, leftOut } = await findPeople(dir);
  expect(people.map(({ name }) => name)).toEqual(["anna", "ben", "chris.j", "dora", "emil"]);
  expect(people.map(({ problem }) => problem !== undefined)).toEqual([false, false, false, true, true]);
  expect(leftOut).toEqual([".DS_Store: hidden", expect.stringMatching(/^class\.csv: neither a script/)]);
});

it("a person with two submissions, a folder without any and one that is not there are refused", async () => {
  await expect(findPeople(dir)).rejects.toMatchObject({ code: "class.empty" });
  await expect(findPeople(join(dir, "none"))).rejects.toMatchObject({ code: "class.missing" });
  writeFileSync(join(dir, "anna.sh"), "");
  mkdirSync(join(dir, "anna"));
  await expect(findPeople(dir)).rejects.toMatchObject({
    code: "class.ambiguous",
    message: expect.stringContaining("anna, anna.sh") as string,
  });
});
