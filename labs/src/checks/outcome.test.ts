import { describe, expect, it } from "vitest";
import { describeVerdict, failedGuards, type CheckResult, type Report } from "./outcome.ts";

const result = (id: string, points: number, outcome: CheckResult["outcome"]): CheckResult => ({
  id,
  title: { en: `${id} holds`, ko: `${id} 유지` },
  points,
  outcome,
  durationMs: 1,
});
function report(verdict: Report["verdict"], ...checks: CheckResult[]): Report {
  const points = checks.reduce((sum, check) => sum + (check.outcome === "passed" ? check.points : 0), 0);
  const maxPoints = checks.reduce((sum, check) => sum + check.points, 0);
  return { scenario: "s", verdict, points, maxPoints, checks, startedAt: "", durationMs: 1 };
}

describe("describeVerdict", () => {
  it("names the guards where they alone have failed", () => {
    const all = [result("work", 10, "passed"), result("budget", 0, "failed"), result("daemonset", 0, "failed")];
    expect(describeVerdict(report("failed", ...all))).toEqual({
      en: "not passed, because what must hold besides does not: “budget holds”, “daemonset holds”",
      ko: "통과하지 못함: 배점은 없지만 지켜야 할 조건이 지켜지지 않음: “budget 유지”, “daemonset 유지”",
    });
  });

  it.each<[string, Report]>([
    ["passed", report("passed", result("work", 10, "passed"), result("budget", 0, "passed"))],
    ["not passed", report("failed", result("work", 10, "failed"), result("budget", 0, "failed"))],
    ["could not be judged", report("error", result("work", 10, "passed"), result("budget", 0, "error"))],
  ])("%s", (words, one) => expect(describeVerdict(one).en).toBe(words));
});

describe("failedGuards", () => {
  it("are the checks without points that failed", () => {
    const one = report("failed", result("work", 1, "failed"), result("kept", 0, "passed"), result("budget", 0, "failed"));
    expect(failedGuards(one).map(({ id }) => id)).toEqual(["budget"]);
  });
});
