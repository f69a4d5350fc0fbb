import { expect, it } from "vitest";
import type { Graded } from "../graded.ts";
import { classToCsv } from "./csv.ts";

const checks = [
  { id: "one", points: 2, title: { en: "One" } },
  { id: "two", points: 0, title: { en: "Two" } },
];
const graded = (submission: Graded["submission"]["ending"], remarks: string[] = []): Graded => ({
  scenario: "my-task",
  verdict: "failed",
  points: 1,
  maxPoints: 2,
  checks: [{ ...checks[0]!, outcome: "failed", durationMs: 1 }],
  startedAt: "2026-11-26T10:00:00.000Z",
  durationMs: 20_440,
  submission: { ending: submission, stdout: "", stderr: "", durationMs: 1 },
  remarks,
});

it("has a row for each person, and a column for each check", () => {
  const csv = classToCsv(checks, [
    { person: "anna", graded: graded({ how: "ended", exitStatus: 0 }) },
    { person: 'Kim, "가"', graded: graded({ how: "killed", signal: "SIGKILL" }, ["a", "b\nc"]) },
  ]);
  expect(csv.split("\r\n")).toEqual([
    '"person","scenario","verdict","points","max_points","ending","exit_status","signal","graded_at","duration_s","check:one","check:two","notes"',
    '"anna","my-task","failed",1,2,"ended",0,"","2026-11-26T10:00:00.000Z","20.4","failed","",""',
    '"Kim, ""가""","my-task","failed",1,2,"killed","","SIGKILL","2026-11-26T10:00:00.000Z","20.4","failed","","a; b ⏎ c"',
    "",
  ]);
});

it.each(["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1"])("no cell is a formula: %j", (text) => {
  const row = classToCsv([], [{ person: text, graded: graded({ how: "ended", exitStatus: 0 }) }]).split("\r\n")[1]!;
  expect(row).toMatch(/^"'/);
});
