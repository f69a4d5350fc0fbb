import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tryRun } from "../process.ts";
import { generateSshKey } from "./ssh-key.ts";

const hasSsh = (await tryRun("sh", ["-c", "command -v ssh-keygen"])).exitCode === 0;

test.skipIf(!hasSsh)("OpenSSH reads the private key and finds the same public key in it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "drydock-key-"));
  const key = generateSshKey("root@sandbox");
  await writeFile(join(folder, "key"), key.privateText, { mode: 0o600 });
  const derived = await tryRun("ssh-keygen", ["-y", "-f", join(folder, "key")]);
  await rm(folder, { recursive: true });
  expect(derived.stdout).toBe(key.publicText);
});

test("every key is another one", () => {
  expect(generateSshKey("a").publicText).not.toBe(generateSshKey("a").publicText);
});
