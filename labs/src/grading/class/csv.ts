import { plainLine } from "../../plain-text.ts";
import type { CheckSpec, PersonGraded } from "./person-graded.ts";

/**
 * What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection), in half and full
 * width.
 */
const FORMULA = /^[\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

/**
 * A row for each person (RFC 4180), with a column for each check: `passed`, `failed` or `error`.
 */
export function classToCsv(checks: readonly CheckSpec[], people: readonly PersonGraded[]): string {
  const head = ["person", "scenario", "verdict", "points", "max_points", "ending", "exit_status", "signal"];
  const tail = ["graded_at", "duration_s", ...checks.map(({ id }) => `check:${id}`), "notes"];
  const rows = people.map(({ person, graded }) => {
    const { ending } = graded.submission;
    return [
      ...[person, graded.scenario, graded.verdict, graded.points, graded.maxPoints, ending.how],
      ending.how === "ended" ? ending.exitStatus : "",
      ending.how === "killed" ? ending.signal : "",
      ...[graded.startedAt, (graded.durationMs / 1000).toFixed(1)],
      ...checks.map(({ id }) => graded.checks.find((check) => check.id === id)?.outcome ?? ""),
      [...("reason" in ending ? [ending.reason] : []), ...(graded.blame ? [graded.blame.reason] : []), ...graded.remarks].join(
        "; ",
      ),
    ];
  });
  return [[...head, ...tail], ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/** A cell: numbers as they are, texts in quotes, and none that a spreadsheet would calculate. */
function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = plainLine(value);
  return `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}
