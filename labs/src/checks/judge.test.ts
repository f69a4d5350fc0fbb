import { describe, expect, it } from "vitest";
import type { Check } from "./define.ts";
import { findOrderProblem, longestMs } from "./judge.ts";
import { passed } from "./verdict.ts";

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
