import { describe, expect, it } from "vitest";
import { messageLines, plainLine, plainText, quoteBlock } from "./plain-text.ts";

describe("plainText", () => {
  it.each([
    ["colours and cursor moves", "a\x1b[31mred\x1b[0m\x1b[2J\x1b[1Ab", "aredb"],
    ["a terminal's title", "\x1b]0;title\x07text", "text"],
    ["bells, backspaces and escapes without a sequence", "pass\x08\x08\x07\x9b\x1b", "pass"],
    ["marks that turn the direction of writing", "a\u202eb\u2066c\u200bd", "abcd"],
    ["half of a surrogate pair", "a\ud83db", "a\ufffdb"],
    ["Azure's commands", "x ##vso[task.complete result=Succeeded]", "x # #vso[task.complete result=Succeeded]"],
    ["GitHub's old commands", "x ##[error]y", "x # #[error]y"],
    ["GitLab's sections", "section_start:1560896352:x[collapsed=true]", "section_start :1560896352:x[collapsed=true]"],
  ])("takes away or breaks %s", (_, text, plain) => expect(plainText(text)).toBe(plain));

  it("leaves what people write: tabs, lines, Korean, emoji, headings", () => {
    const text = "## one\n\ttwo 노드 🚢\nthree: [x]";
    expect(plainText(text)).toBe(text);
    expect(plainText("a\r\nb\rc\u2028d")).toBe("a\nb\nc\nd");
  });
});

it("one line stays one line", () => {
  expect(plainLine("found\n::error::fake\r\n  ✓ passed")).toBe("found ⏎ ::error::fake ⏎ ✓ passed");
});

it("no line of a block begins with a command of a CI, nor looks like a line of ours", () => {
  expect(quoteBlock("::error::x\n  ::add-mask::a\n\n10 of 10 points, passed")).toBe(
    "| ::error::x\n|   ::add-mask::a\n|\n| 10 of 10 points, passed",
  );
});

it("a message's own first line stays as it is, and what it quotes after that is marked, once", () => {
  expect(messageLines("Setting up x failed:\n::error::y\n| z")).toEqual(["Setting up x failed:", "| ::error::y", "| z"]);
});
