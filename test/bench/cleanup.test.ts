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

test("what is being made when the end comes is waited for and taken away", async () => {
  const cleanup = new Cleanup();
  let finish = (_made: string) => undefined as void;
  const removed: string[] = [];
  const making = cleanup.own(new Promise<string>((resolve) => (finish = resolve)), async (made) => void removed.push(made));
  const failing = cleanup.own(Promise.reject<string>(new Error("not made")), async (made) => void removed.push(made));
  await expect(failing).rejects.toThrow("not made");
  const ended = cleanup.run();
  finish("a sandbox");
  await ended;
  expect(removed).toEqual(["a sandbox"]);
  await (await making).dispose();
  expect(removed).toHaveLength(1);
});
