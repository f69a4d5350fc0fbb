import { expect, it } from "vitest";
import { showContracts } from "./test.ts";

it("shows a row for each leg, and below one that does not hold what is wrong", () => {
  const legs = [
    { name: "setup", ok: true, outcome: "passed" as const, durationMs: 4100, problems: [] },
    {
      name: "near miss forced",
      ok: false,
      outcome: "failed" as const,
      durationMs: 61_000,
      problems: ["moved: expected to fail, but it passed", "two\nlines"],
    },
  ];
  expect(showContracts([{ slug: "drain-node01", legs }])).toEqual([
    "drain-node01  setup             ✓  4.1 s",
    "drain-node01  near miss forced  ✗  1 min 1 s",
    "      moved: expected to fail, but it passed",
    "      two",
    "      | lines",
  ]);
});
