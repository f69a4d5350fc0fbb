import { expect, it } from "vitest";
import { Screen } from "./screen.ts";

it("goes on after output that xterm.js has an exception for", async () => {
  let parsed = (_: number) => {};
  const screen = new Screen(80, 24, (bytes) => parsed(bytes));
  const output = Buffer.from("\x1b[24;80H\x1b[1Jafter");
  const done = new Promise<void>((resolve) => (parsed = (bytes) => bytes === output.length && resolve()));
  screen.write(output);
  screen.flush();
  await done;
  expect(
    screen
      .snapshot()
      .state.normal.lines.map(({ text }) => text.trimStart())
      .join(""),
  ).toMatch(/after$/);
  screen.dispose();
});
