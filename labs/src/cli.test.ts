import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { tryRun } from "./process.ts";

const PROGRAM = join(import.meta.dirname, "../bin/drydock.mjs");

function inFolder() {
  const dir = mkdtempSync(join(tmpdir(), "drydock-cli-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const env = { DRYDOCK_HOME: join(dir, "home"), PATH: join(dir, "no-programs") };
  return { dir, drydock: (...args: string[]) => tryRun(process.execPath, [PROGRAM, ...args], { env }) };
}

it("ends quietly where its output is no longer read", async () => {
  const script = '"$@" | true; echo "${PIPESTATUS[0]}"';
  const { stdout, stderr } = await tryRun("bash", ["-c", script, "bash", process.execPath, PROGRAM, "schema"]);
  expect({ stdout, stderr }).toEqual({ stdout: "0\n", stderr: "" });
});

it("a report path that cannot be one is refused before anything is graded", async () => {
  const { dir, drydock } = inFolder();
  writeFileSync(join(dir, "me.sh"), "true");
  const { exitCode, stdout, stderr } = await drydock("grade", "drain-node01", "--submission", join(dir, "me.sh"), "--json", dir);
  expect(exitCode).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^The report .* could not be written: this is a folder\. Nothing was run yet/);
});

it.each([
  ["missing", "none.sh", 2, "error"],
  ["empty", "empty.sh", 1, "failed"],
])("a %s submission writes its reports too", async (_, name, status, verdict) => {
  const { dir, drydock } = inFolder();
  writeFileSync(join(dir, "empty.sh"), "\n");
  const [json, junit] = [join(dir, "new/r.json"), join(dir, "new/r.xml")];
  const { exitCode, stdout } = await drydock(
    "grade",
    "drain-node01",
    "--submission",
    join(dir, name),
    "--json",
    json,
    "--junit",
    junit,
  );
  expect(exitCode).toBe(status);
  expect(stdout).toContain("0 of 10 points");
  const written = await tryRun("cat", [json, junit]);
  expect(written.stdout).toContain(`"verdict": "${verdict}"`);
  expect(written.stdout).toContain('<property name="submission.ending" value="not-run"/>');
});

it("a machine without an engine is the machine's fault, in a class too, and what needs no sandbox is told all the same", async () => {
  const { dir, drydock } = inFolder();
  const folder = join(dir, "class");
  mkdirSync(folder);
  writeFileSync(join(folder, "anna.sh"), "true");
  writeFileSync(join(folder, "ben.sh"), "");
  const { exitCode, stdout } = await drydock(
    "grade",
    "drain-node01",
    "--submissions",
    folder,
    "--csv",
    join(dir, "out/class.csv"),
  );
  expect(exitCode).toBe(2);
  expect(stdout).toMatch(/^anna +! could not be judged +0\/10 /m);
  expect(stdout).toMatch(/^ben +✗ not passed +0\/10 /m);
  expect(stdout).toContain("2 submissions: 1 not passed, 1 could not be judged");
  expect((await tryRun("cat", [join(dir, "out/class.csv")])).stdout).toContain('"ben","drain-node01","failed",0,10,"not-run"');
});
