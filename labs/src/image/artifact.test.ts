import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureArtifact, hashInputs, withLock } from "./artifact.mjs";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "drydock-artifact-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (text: string) => async (unfinished: string) => writeFileSync(unfinished, text);

describe("hashInputs", () => {
  test("changes with a file's content, name and execute bit, and with the texts", () => {
    const file = join(folder, "a");
    writeFileSync(file, "1");
    const first = hashInputs({ texts: ["t"], paths: [folder] });
    expect(hashInputs({ texts: ["t"], paths: [folder] })).toBe(first);
    expect(hashInputs({ texts: ["u"], paths: [folder] })).not.toBe(first);
    writeFileSync(file, "2");
    const second = hashInputs({ texts: ["t"], paths: [folder] });
    expect(second).not.toBe(first);
    writeFileSync(join(folder, "b"), "");
    expect(hashInputs({ texts: ["t"], paths: [folder] })).not.toBe(second);
  });

  test("leaves out what is skipped", () => {
    const first = hashInputs({ paths: [folder], skip: /_test\.go$/ });
    writeFileSync(join(folder, "x_test.go"), "");
    expect(hashInputs({ paths: [folder], skip: /_test\.go$/ })).toBe(first);
  });
});

describe("ensureArtifact", () => {
  test("makes a thing once", async () => {
    const path = join(folder, "thing");
    await ensureArtifact(path, write("x"));
    await ensureArtifact(path, async () => expect.unreachable());
  });

  test("leaves nothing under the final name when making it fails, and makes it anew the next time", async () => {
    const path = join(folder, "thing");
    const failing = async (unfinished: string) => {
      writeFileSync(unfinished, "half");
      throw new Error("interrupted");
    };
    await expect(ensureArtifact(path, failing)).rejects.toThrow("interrupted");
    expect(existsSync(path)).toBe(false);
    await ensureArtifact(path, write("whole"));
    expect(existsSync(path)).toBe(true);
  });

  test("makes a thing once for two that ask at the same time", async () => {
    let made = 0;
    const make = async (unfinished: string) => {
      made += 1;
      writeFileSync(unfinished, "");
    };
    const path = join(folder, "thing");
    await Promise.all([ensureArtifact(path, make), ensureArtifact(path, make)]);
    expect(made).toBe(1);
  });
});

describe("withLock", () => {
  test("takes over the lock of a process that has died", async () => {
    const lock = join(folder, "lock");
    writeFileSync(lock, "4194303");
    await expect(withLock(lock, async () => "done")).resolves.toBe("done");
    expect(existsSync(lock)).toBe(false);
  });

  test.skipIf(process.platform !== "linux")("takes over a lock whose number now belongs to another process", async () => {
    const lock = join(folder, "lock");
    writeFileSync(lock, `${process.ppid} 1`);
    await expect(withLock(lock, async () => "done")).resolves.toBe("done");
  });

  test("stops waiting for a living process when told to", async () => {
    const lock = join(folder, "lock");
    let finish = (): void => undefined;
    const first = withLock(lock, () => new Promise<void>((resolve) => (finish = resolve)));
    const signal = AbortSignal.timeout(50);
    await expect(withLock(lock, async () => "done", { signal })).rejects.toThrow();
    finish();
    await first;
  });
});
