import { expect, test } from "vitest";
import { KeptOutput, LineSplitter } from "./output.ts";

function keep(limitBytes: number, ...texts: string[]): KeptOutput {
  const kept = new KeptOutput(limitBytes);
  for (const text of texts) kept.add(Buffer.from(text));
  return kept;
}

test("what fits is kept whole, however it comes", () => {
  for (const kept of [keep(8, "abcdefgh"), keep(8, ..."abcdefgh")]) {
    expect(kept.text()).toBe("abcdefgh");
    expect(kept.leftOutBytes).toBe(0);
  }
});

test("of what does not fit the beginning and the end are kept, and what lies between is counted", () => {
  for (const kept of [keep(4, "abcdefgh"), keep(4, ..."abcdefgh"), keep(4, "abc", "defgh")]) {
    expect(kept.text()).toBe("ab\n[… 4 bytes are left out here …]\ngh");
    expect(kept.leftOutBytes).toBe(4);
  }
});

test("no half characters are left at a cut", () => {
  // Three bytes each: the head ends, and the tail begins, in the middle of one.
  expect(keep(8, "€€€€€€").text()).toBe("€\n[… 10 bytes are left out here …]\n€");
});

test("lines are told as they end, whatever the chunks, and one without an end at the end", () => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  const bytes = Buffer.from("one\r\ntwo €\n\nlast");
  for (const byte of bytes) splitter.add(Buffer.from([byte]));
  expect(lines).toEqual(["one", "two €", ""]);
  splitter.end();
  expect(lines.at(-1)).toBe("last");
});
