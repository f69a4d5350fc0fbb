import { expect, it } from "vitest";
import { terminalKey } from "./keys.ts";

const press = (text: string, key = "x") => {
  const parts = text.split("-");
  const has = (name: string) => parts.includes(name);
  return terminalKey({
    key,
    code: parts.at(-1)!,
    ctrlKey: has("Ctrl"),
    shiftKey: has("Shift"),
    altKey: has("Alt"),
    metaKey: has("Meta"),
  });
};

it("copies and pastes as terminals on Linux and Windows do", () => {
  expect(press("Ctrl-Shift-KeyC")).toBe("copy");
  expect(press("Ctrl-Insert")).toBe("copy");
  expect(press("Ctrl-Shift-KeyV")).toBe("paste");
  expect(press("Shift-Insert")).toBe("paste");
});

it("leaves to the shell what is the shell's", () => {
  for (const keys of ["Ctrl-KeyC", "Ctrl-KeyV", "Ctrl-KeyW", "Ctrl-KeyR", "KeyQ", "Ctrl-Alt-Minus", "Meta-KeyC", "Insert"]) {
    expect(press(keys), keys).toBeUndefined();
  }
});

it("works with a Korean layout, where the key is another letter", () => {
  expect(press("Ctrl-Shift-KeyC", "ㅊ")).toBe("copy");
});
