import { expect, test } from "vitest";
import { Typing } from "./typing.ts";

const [a, b] = [{}, {}];

test("a shell gives way to those who type in another one, not to its own learner, and not for long", () => {
  let nowMs = 0;
  const typing = new Typing(() => nowMs);
  expect(typing.isElsewhere(a)).toBe(false);
  typing.note(a);
  typing.note(a);
  expect([a, b].map((shell) => typing.isElsewhere(shell))).toEqual([false, true]);
  typing.note(b);
  typing.note(b);
  expect([a, b].map((shell) => typing.isElsewhere(shell))).toEqual([true, true]);
  nowMs = 200;
  typing.note(b);
  nowMs = 300;
  expect([a, b].map((shell) => typing.isElsewhere(shell))).toEqual([true, false]);
  nowMs = 500;
  expect([a, b].map((shell) => typing.isElsewhere(shell))).toEqual([false, false]);
});
