import type { PersonGraded } from "../grading/class/person-graded.ts";
import { wordEnding } from "../grading/ending.ts";
import type { Graded } from "../grading/graded.ts";
import { plainLine } from "../plain-text.ts";
import { VERDICTS } from "./show-report.ts";
import { duration, table } from "./table.ts";

const MARKS = { passed: "✓", failed: "✗", error: "!" } as const;

/** One person's result as a line. */
export function showGraded(person: string, graded: Graded): string {
  const { verdict, points, maxPoints, durationMs } = graded;
  return `${MARKS[verdict]} ${plainLine(person)}: ${VERDICTS[verdict]}, ${points} of ${maxPoints} points (${duration(durationMs)})`;
}

/** A class as a table: a row for each person. */
export function showClass(people: readonly PersonGraded[]): string[] {
  const rows = people.map(({ person, graded }) => {
    const { verdict, points, maxPoints, submission, checks, blame } = graded;
    const open = checks.filter(({ outcome }) => outcome !== "passed").map(({ id }) => id);
    const why = blame ? `; the fault is ${blame.whose === "unclear" ? "unclear" : `the ${blame.whose}'s`}` : "";
    const ending = plainLine(wordEnding(submission.ending)) + why;
    return [plainLine(person), `${MARKS[verdict]} ${VERDICTS[verdict]}`, `${points}/${maxPoints}`, open.join(" ") || "-", ending];
  });
  return table([["Person", "Verdict", "Points", "Checks not passed", "The submission"], ...rows]);
}

/** `4 submissions: 1 passed, 3 not passed. 3 graded now in 1 min 2 s, 20.7 s each` */
export function summarize(people: readonly PersonGraded[], gradedNow: number, tookMs: number): string {
  const counts = (["passed", "failed", "error"] as const).flatMap((verdict) => {
    const count = people.filter(({ graded }) => graded.verdict === verdict).length;
    return count > 0 ? [`${count} ${VERDICTS[verdict]}`] : [];
  });
  const now =
    gradedNow > 0
      ? `${gradedNow} graded now in ${duration(tookMs)}, ${duration(tookMs / gradedNow)} each`
      : "all were graded before";
  return `${people.length} submissions: ${counts.join(", ")}. ${now[0]!.toUpperCase()}${now.slice(1)}`;
}
