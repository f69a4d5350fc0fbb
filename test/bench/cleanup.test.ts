import { expect, test } from "vitest";
import { Cleanup } from "./cleanup.ts";

test("everything is taken away once, the last first, though some of it fails", async () => {
  const cleanup = new Cleanup();
  const gone: string[] = [];
  const dispose = (name: string) => async () => void gone.push(name);
  cleanup.add(dispose("folder"));
  const early = cleanup.add(dispose("early"));
  cleanup.add(() => Promise.reject(new Error("the engine is away")));
  cleanup.add(dispose("server"));
  await early();
  await early();
  await expect(cleanup.run()).rejects.toThrow("the engine is away");
  expect(gone).toEqual(["early", "server", "folder"]);
  await cleanup.run();
  expect(gone).toHaveLength(3);
});
