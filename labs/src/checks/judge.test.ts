import { describe, expect, it } from "vitest";
import type { Check } from "./define.ts";
import { describeThrown, findOrderProblem, judgeAll, longestMs } from "./judge.ts";
import { KubeError, KubeUnreachable } from "./kube/transport.ts";
import type { Judgement } from "./protocol.ts";
import { failed, passed, StateFailure } from "./verdict.ts";

const check = (id: string, options: Partial<Check> = {}): Check => ({ id, judge: () => passed(), ...options });

describe("longestMs", () => {
  it.each<[string, Check[], number]>([
    ["checks side by side take as long as the longest", [check("a", { timeoutMs: 500 }), check("b")], 1000],
    [
      "one that comes after another has its own time",
      [check("a"), check("b", { after: ["a"] }), check("c", { after: ["b"], timeoutMs: 500 })],
      2500,
    ],
    [
      "those that run alone add up after the others",
      [check("a", { alone: true, timeoutMs: 3000 }), check("b"), check("c", { alone: true })],
      5000,
    ],
    ["no checks take no time", [], 0],
  ])("%s", (_name, checks, ms) => expect(longestMs(checks, 1000)).toBe(ms));
});

describe("findOrderProblem", () => {
  it.each<[Check[], RegExp | undefined]>([
    [[check("a"), check("b", { after: ["a"] })], undefined],
    [[check("a"), check("a")], /defined twice/],
    [[check("a", { after: ["b"] }), check("b")], /not defined before it/],
    [[check("a", { after: ["a"] })], /not defined before it/],
    [[check("a", { alone: true }), check("b", { after: ["a"] })], /must run alone too/],
  ])("%#", (checks, problem) => {
    const found = findOrderProblem(checks);
    if (problem) expect(found).toMatch(problem);
    else expect(found).toBeUndefined();
  });
});

/** The judgements by check. */
async function judge(...checks: Check[]): Promise<Record<string, Judgement>> {
  const judgements: Record<string, Judgement> = {};
  await judgeAll(checks, 10_000, (id, judgement) => (judgements[id] = judgement));
  return judgements;
}

describe("judgeAll", () => {
  const left = () => failed({ en: "no pods are left", ko: "남은 파드 없음" }, "still there: a/b");
  const never = () => Promise.reject(new Error("must not be judged"));

  it("says of a check that comes after another which one has not passed, and why, however far before it", async () => {
    const judgements = await judge(
      check("emptied", { judge: left }),
      check("available", { after: ["emptied"], judge: never }),
      check("last", { after: ["available"], judge: never }),
    );
    expect(judgements.emptied).toMatchObject({ found: { en: "still there: a/b" } });
    for (const id of ["available", "last"]) {
      expect(judgements[id]).toEqual({
        outcome: "failed",
        expected: { en: "first of all (check emptied): no pods are left", ko: "먼저(emptied 항목): 남은 파드 없음" },
        found: {
          en: "not judged, because emptied has not passed: still there: a/b",
          ko: "emptied 항목이 통과하지 못해 판정하지 않음: still there: a/b",
        },
      });
    }
  });

  it("leaves unjudged what comes after a check that could not be judged, and names that one", async () => {
    const judgements = await judge(
      check("broken", { judge: () => Promise.reject(new Error("no")) }),
      check("next", { after: ["broken"], judge: never }),
      check("last", { after: ["next"], judge: never }),
    );
    const reason = "The check broken, which comes first, could not be judged";
    expect(judgements).toMatchObject({ next: { outcome: "error", reason }, last: { outcome: "error", reason } });
  });

  it("fails a check in whose depth the state turned out not to be as asked for", async () => {
    const deep = () => Promise.reject(new StateFailure("kept as asked", "changed"));
    expect(await judge(check("deep", { judge: deep }))).toEqual({
      deep: { outcome: "failed", expected: { en: "kept as asked" }, found: { en: "changed" } },
    });
  });

  it("puts what a check throws into words", async () => {
    const off = () => Promise.reject(new KubeUnreachable("GET /api/v1/nodes", new Error("connect ECONNREFUSED 127.0.0.1:1")));
    const judgements = await judge(check("off", { judge: off }));
    expect(judgements.off).toEqual({
      outcome: "error",
      reason: "The API server does not answer (connect ECONNREFUSED 127.0.0.1:1)",
    });
  });
});

describe("describeThrown", () => {
  const withStack = new Error("outer");
  withStack.message = new Error("inner").stack!;
  it.each<[unknown, RegExp]>([
    [
      new KubeError("GET /x", 403, "Forbidden", "nodes is forbidden"),
      /^The API server refused a request of the grader: GET \/x: nodes/,
    ],
    [withStack, /^Error: inner$/],
    [new TypeError(), /^TypeError$/],
    ["a text", /^a text$/],
    ["", /no words/],
  ])("%#", (thrown, words) => expect(describeThrown(thrown)).toMatch(words));
});
