import { describe, expect, it } from "vitest";
import { createEventually } from "./eventually.ts";
import { failed, passed } from "./verdict.ts";

/** Counts how often it was asked and passes from the n-th time on. */
function passingFrom(n: number) {
  const judge = () => {
    judge.asked += 1;
    return judge.asked >= n ? passed() : failed("ready", `asked ${judge.asked} times`);
  };
  judge.asked = 0;
  return judge;
}
/** Long enough on any machine: what passes does not wait for the end. */
const fast = { everyMs: 5, withinMs: 10_000 };

describe("eventually", () => {
  it("answers at once when it passes at the first try, without looking at what converges", async () => {
    const eventually = createEventually(() => Promise.reject(new Error("must not be asked")));
    const judge = passingFrom(1);
    expect(await eventually(judge, fast)).toEqual({ outcome: "passed" });
    expect(judge.asked).toBe(1);
  });

  it("does not wait for a failure that nothing will change, and looks once more", async () => {
    const eventually = createEventually(async () => false);
    const judge = passingFrom(100);
    expect(await eventually(judge, { withinMs: 10_000 })).toMatchObject({ outcome: "failed" });
    expect(judge.asked).toBe(2);
  });

  it("waits while something converges", async () => {
    const eventually = createEventually(async () => true);
    expect(await eventually(passingFrom(4), fast)).toEqual({ outcome: "passed" });
  });

  it("gives the last verdict when the time is up", async () => {
    const eventually = createEventually(async () => true);
    const judge = passingFrom(1000);
    expect(await eventually(judge, { everyMs: 20, withinMs: 100 })).toMatchObject({
      found: { en: `asked ${judge.asked} times` },
    });
    expect(judge.asked).toBeGreaterThan(1);
  });

  it("tries again what throws, and throws it in the end", async () => {
    const eventually = createEventually(async () => true);
    const judge = passingFrom(3);
    const flaky = () => (judge.asked < 1 ? (judge(), Promise.reject(new Error("refused"))) : judge());
    expect(await eventually(flaky, fast)).toEqual({ outcome: "passed" });
    await expect(eventually(() => Promise.reject(new Error("refused")), { everyMs: 5, withinMs: 30 })).rejects.toThrow("refused");
  });

  it("takes a cluster that can't be asked for one on its way back", async () => {
    const eventually = createEventually(() => Promise.reject(new Error("ECONNREFUSED")));
    expect(await eventually(passingFrom(3), fast)).toEqual({ outcome: "passed" });
  });

  it("ends when it is aborted", async () => {
    const eventually = createEventually(async () => true);
    await expect(eventually(passingFrom(1000), { withinMs: 10_000, signal: AbortSignal.timeout(30) })).rejects.toThrow();
  });
});
