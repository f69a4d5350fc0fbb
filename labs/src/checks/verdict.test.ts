import { expect as check, describe, it } from "vitest";
import { all, expect, failed, passed } from "./verdict.ts";

describe("expect", () => {
  it("answers a verdict and never throws", () => {
    check(expect<boolean | undefined>(undefined).toBe(true, "node01 is cordoned")).toEqual({
      outcome: "failed",
      expected: { en: "node01 is cordoned" },
      found: { en: "not set", ko: "설정되지 않음" },
    });
    check(expect(true).toBe(true)).toEqual({ outcome: "passed" });
  });

  it("words what was found where the author gives words for it", () => {
    const verdict = expect(["a", "b"]).toBeEmpty("no pods are left", (pods) => `${pods.length} pods are left`);
    check(verdict).toMatchObject({ found: { en: "2 pods are left" } });
  });

  it.each([
    ["toEqual", expect({ a: [1] }).toEqual({ a: [1] }), expect({ a: [1] }).toEqual({ a: [2] })],
    ["toContain in a text", expect("abc").toContain("b"), expect("abc").toContain("x")],
    ["toContain in an array", expect([{ a: 1 }]).toContain({ a: 1 }), expect([{ a: 1 }]).toContain({ a: 2 })],
    ["toMatch", expect("v1.36").toMatch(/^v1/), expect(undefined).toMatch(/^v1/)],
    ["toBeAtLeast", expect(3).toBeAtLeast(3), expect(undefined).toBeAtLeast(3)],
    ["toBeAtMost", expect(3).toBeAtMost(3), expect(4).toBeAtMost(3)],
    ["toExist", expect(0).toExist(), expect(undefined).toExist()],
    ["toBeEmpty", expect([]).toBeEmpty(), expect(undefined).toBeEmpty()],
    ["toSatisfy", expect(2).toSatisfy((two) => two === 2, "two"), expect(3).toSatisfy((two) => two === 2, "two")],
  ])("%s passes and fails", (_name, good, bad) => {
    check(good.outcome).toBe("passed");
    check(bad.outcome).toBe("failed");
  });
});

describe("all", () => {
  it("answers the first failure and asks nothing after it", async () => {
    let asked = 0;
    const later = () => {
      asked += 1;
      return passed();
    };
    check(await all(passed(), Promise.resolve(failed("x", "y")), later)).toMatchObject({
      outcome: "failed",
      expected: { en: "x" },
    });
    check(asked).toBe(0);
    check(await all(passed(), later)).toEqual({ outcome: "passed" });
  });

  it("throws the first rejection and leaves none of the others unhandled", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    const rejected = (why: string) => Promise.reject<ReturnType<typeof passed>>(new Error(why));
    await check(all(new Promise((_, reject) => setTimeout(reject, 5, new Error("first"))), rejected("second"))).rejects.toThrow(
      "first",
    );
    check(await all(failed("x", "y"), rejected("third"))).toMatchObject({ outcome: "failed" });
    // Node tells of what is unhandled when the microtasks of a turn are done.
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", note);
    check(unhandled).toEqual([]);
  });
});
