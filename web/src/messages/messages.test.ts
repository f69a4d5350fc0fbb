import { describe, expect, it } from "vitest";
import { en } from "./en.ts";
import { ko } from "./ko.ts";

/** Every text with its path: functions are called with numbers, which suit every one of them. */
function texts(node: unknown, path = ""): [string, string][] {
  if (typeof node === "string") return [[path, node]];
  if (typeof node === "function") return [[path, String(node(2, 3, 4))]];
  return Object.entries(node as object).flatMap(([key, value]) => texts(value, `${path}.${key}`));
}

describe("messages", () => {
  it("say the same things in both languages", () => {
    expect(texts(ko).map(([path]) => path)).toEqual(texts(en).map(([path]) => path));
  });

  it("are never empty and never show a missing value", () => {
    for (const [path, text] of [...texts(en), ...texts(ko)]) {
      expect(text.trim(), path).not.toBe("");
      expect(text, path).not.toMatch(/undefined|NaN|\[object/);
    }
  });

  it("are Korean in Korean, but for names", () => {
    const names = new Set([".platform.version"]);
    for (const [path, text] of texts(ko)) if (!names.has(path)) expect(text, path).toMatch(/[가-힣]/);
  });
});
