import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { prepareReports, writeReports } from "./report-files.ts";

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "drydock-reports-"))));
afterEach(() => rmSync(dir, { recursive: true }));

it("makes the folders of reports before the work", async () => {
  await prepareReports({ json: join(dir, "a/b/report.json"), junit: undefined });
  expect(existsSync(join(dir, "a/b"))).toBe(true);
});

it.each([
  ["a folder", () => dir],
  ["below a file", () => join(dir, "file/report.json")],
  ["a name that ends as a folder's", () => `${join(dir, "new")}/`],
  ["empty", () => ""],
])("refuses a path that cannot be one: %s", async (_, path) => {
  writeFileSync(join(dir, "file"), "");
  await expect(prepareReports({ json: path() })).rejects.toMatchObject({
    code: "cli.report-path",
    advice: expect.stringContaining("Nothing was run") as string,
  });
});

it("refuses one path for two reports", async () => {
  await expect(prepareReports({ json: join(dir, "x"), junit: `${dir}/./x` })).rejects.toMatchObject({ code: "cli.report-path" });
});

it("one report that cannot be written costs no other, and each is whole", async () => {
  mkdirSync(join(dir, "taken"));
  const problems = await writeReports([
    { path: join(dir, "taken"), text: () => "one" },
    { path: join(dir, "new/report.xml"), text: () => "two" },
    { path: undefined, text: () => "none" },
  ]);
  expect(problems).toEqual([expect.stringContaining(`${join(dir, "taken")} could not be written`)]);
  expect(readFileSync(join(dir, "new/report.xml"), "utf8")).toBe("two");
  expect(readdirSync(join(dir, "new"))).toEqual(["report.xml"]);
});
