import { expect, test } from "vitest";
import { RecentOutput } from "./recent-output.ts";

test("the latest output is read from any offset that is still there, in pieces", () => {
  const output = new RecentOutput(10, 100);
  for (const text of ["abcd", "efgh", "ijkl", "mnop"]) output.append(Buffer.from(text));
  expect([output.first, output.end]).toEqual([104, 116]);
  expect(output.read(103, 5)).toBeUndefined();
  expect(output.read(117, 5)).toBeUndefined();
  expect(output.read(104, 100)!.toString()).toBe("efghijklmnop");
  expect(output.read(106, 5)!.toString()).toBe("ghijk");
  expect(output.read(115, 5)!.toString()).toBe("p");
  expect(output.read(116, 5)!.toString()).toBe("");
});

test("one piece that is larger than what is kept is kept whole", () => {
  const output = new RecentOutput(2);
  output.append(Buffer.from("abcdef"));
  expect(output.read(0, 100)!.toString()).toBe("abcdef");
  output.append(Buffer.from("gh"));
  expect([output.first, output.end]).toEqual([6, 8]);
});
