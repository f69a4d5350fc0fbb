import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { isRunning, tryRun } from "../process.ts";
import { createFakeProvider } from "../testing/fake-provider.ts";
import { wordEnding } from "./ending.ts";
import { interpreterOf, runScript, scriptFailed, type ScriptOptions } from "./script.ts";

vi.setConfig({ testTimeout: 120_000 });

async function play(script: string | Uint8Array, { bashrc = "", ...options }: Partial<ScriptOptions> & { bashrc?: string } = {}) {
  const provider = createFakeProvider();
  const sandbox = await provider.create({ topology: "single-node", owner: "test" });
  onTestFinished(() => provider.remove(sandbox.id));
  writeFileSync(join(dirname(sandbox.kubeconfigPath), ".bashrc"), bashrc);
  return runScript(sandbox, "controlplane", script, { as: "learner", strict: false, timeoutMs: 20_000, ...options });
}

describe("how a script ended", () => {
  it.each([
    ["exit 0", { how: "ended", exitStatus: 0 }],
    ["exit 124", { how: "ended", exitStatus: 124 }],
    ["exit 137", { how: "ended", exitStatus: 137 }],
    ["kill -9 $$", { how: "killed", signal: "SIGKILL" }],
    ["kill -TERM $$", { how: "killed", signal: "SIGTERM" }],
    // What the script runs may be killed without the script being so.
    ["bash -c 'kill -9 $$'", { how: "ended", exitStatus: 137 }],
  ])("%s", async (script, ending) => {
    const result = await play(script);
    expect(result).toMatchObject({ ending, timedOut: false });
    expect(result.stderr).not.toMatch(/drydock-[0-9a-f]{8}-/);
  });

  it.each(["sleep 60", "trap '' TERM; while :; do sleep 1; done", "timeout 60 sleep 60"])("out of time: %s", async (script) => {
    const result = await play(`echo begun; ${script}`, { as: "setup", timeoutMs: 1500 });
    expect(result).toMatchObject({ ending: { how: "stopped", limitSeconds: 1.5 }, timedOut: true, stdout: "begun\n" });
    expect(wordEnding(result.ending)).toBe("was stopped after 1.5 s, its time limit");
  });

  it("leaves nothing running of what is stopped, not even what has a process group of its own", async () => {
    const { stdout } = await play("set -m; sleep 60 & echo $!; trap '' TERM; wait", { as: "setup", timeoutMs: 1500 });
    await expect.poll(() => isRunning(Number(stdout))).toBe(false);
  });

  it("takes no other process with it when it is stopped before the script has begun", async () => {
    // In a namespace of process numbers that is new, all belongs to session 0, as a machine's first
    // processes do.
    const newNamespace = ["--user", "--map-root-user", "--mount", "--pid", "--fork", "--mount-proc"];
    // The runner has read one file, so it minds signals, and waits for the next line of its input.
    const scene = `
      sleep 60 & bystander=$!
      mkfifo input; exec 3<>input
      perl "$1" 60 mark sleep 60 <&3 & runner=$!
      echo "$2 00" >&3
      until ls /tmp/.drydock-*/"$3" >/dev/null 2>&1; do :; done
      kill $runner; wait $runner; echo "runner $?"
      kill $bystander; wait $bystander; echo "bystander $?"`;
    const cwd = mkdtempSync(join(tmpdir(), "drydock-session-"));
    onTestFinished(() => rmSync(cwd, { recursive: true }));
    const name = randomUUID();
    const args = [join(import.meta.dirname, "run-script.pl"), Buffer.from(name).toString("hex"), name];
    const result = await tryRun("unshare", [...newNamespace, "bash", "-c", scene, "scene", ...args], { cwd });
    // Ended by our TERM, both; 137 would be somebody else's KILL.
    expect(result).toMatchObject({ stdout: "runner 143\nbystander 143\n", exitCode: 0 });
  });

  it("is lost where its host gives up, and killed where its signal ended the way there", async () => {
    const answering = (exitCode: number, stderr: string) => ({
      exec: () => Promise.resolve({ exitCode, stdout: "", stderr, timedOut: false, durationMs: 1 }),
    });
    const options: ScriptOptions = { as: "learner", timeoutMs: 1000 };
    const lost = await runScript(answering(125, "Error: no such container\n"), "controlplane", "", options);
    expect(lost.ending).toEqual({ how: "lost", reason: "Error: no such container" });
    expect((await runScript(answering(137, ""), "controlplane", "", options)).ending).toEqual({
      how: "killed",
      signal: "SIGKILL",
    });
  });
});

it("a script that prints more than is kept is read to its end, with its beginning, its end and what was cut", async () => {
  const result = await play("echo first; yes 0123456789abcdef | head -n 200000; echo last >&2; echo last");
  expect(result.ending).toEqual({ how: "ended", exitStatus: 0 });
  expect(result.stdout).toMatch(/^first\n.*bytes are left out here.*\nlast\n$/s);
  expect(result.leftOutBytes?.stdout).toBeGreaterThan(2_000_000);
  expect(result.stderr).toBe("last\n");
});

it("leaves nothing of the script behind and gives it no standard input", async () => {
  const result = await play(`echo "$0"; cat; ls "$(dirname "$0")"; exit 7`);
  const [, dir] = /^(\/tmp\/\.drydock-\w+)\/script\.sh\nscript\.sh\n$/.exec(result.stdout) ?? [];
  expect(dir).toBeDefined();
  expect(existsSync(dir!)).toBe(false);
});

describe("the time limit of a script", () => {
  it("holds inside the host, where the engine's client can be gone and the script go on", async () => {
    const provider = createFakeProvider();
    const sandbox = await provider.create({ topology: "single-node", owner: "test" });
    onTestFinished(() => provider.remove(sandbox.id));
    const unlimited: typeof sandbox.exec = (host, argv, options) =>
      sandbox.exec(host, argv, { ...options, timeoutMs: undefined });
    const result = await runScript({ exec: unlimited }, "controlplane", "sleep 20", { as: "setup", timeoutMs: 500 });
    expect(result).toMatchObject({ exitCode: 124, timedOut: true });
  });
});

describe("what runs a script", () => {
  it.each([
    ["echo hi", ["/bin/bash"]],
    ["#!/bin/bash -e\necho hi", ["/bin/bash", "-e"]],
    ["#! /usr/bin/env -S bash -eu \n", ["/usr/bin/env", "-S bash -eu"]],
    ["#!/bin/sh", ["/bin/sh"]],
    ["#!/usr/bin/python3\r\nprint()", ["/usr/bin/python3"]],
    ["# !/bin/sh", ["/bin/bash"]],
    ["#!\n", ["/bin/bash"]],
  ])("%j", (script, program) => expect(interpreterOf(script)).toEqual(program));

  it("options of the first line hold, and aliases of the terminal do in bash", async () => {
    expect((await play("#!/bin/bash -e\nfalse\necho on")).stdout).toBe("");
    expect((await play("false\necho on")).stdout).toBe("on\n");
    expect((await play("#!/bin/sh\necho ${BASH_VERSION-none}")).stdout).toBe("none\n");
    expect((await play("#!/usr/bin/perl\nprint 'perl'")).stdout).toBe("perl");
    expect((await play("alias say='echo aliased'\nsay\nbash -c 'echo \"[$BASH_ENV]\"'")).stdout).toBe("aliased\n[]\n");
  });

  it.each([
    ["k one two", "kubectl,one,two\n"],
    ["k() { kubectl own $@; }\nk one", "kubectl,own,one\n"],
    ["function k { echo own; }\nk", "own\n"],
    ["alias k='echo aliased'\nk", "aliased\n"],
    ["echo a >file; ls file", "file\n"],
    ["#!/bin/bash -eu\nk one; false; echo on", "kubectl,one\n"],
    ["bash -c 'k one' || echo none", "none\n"],
  ])("an alias of the terminal can be used and defined anew: %j", async (script, stdout) => {
    const bashrc = "kubectl() { local IFS=,; echo \"kubectl,$*\"; }\nalias ls='ls --wrong-option' k=kubectl ..='cd ..'\n";
    expect((await play(script, { bashrc })).stdout).toBe(stdout);
  });

  it("a program that is not there is named", async () => {
    const { ending, stderr } = await play("#!/opt/none\n");
    expect(ending).toEqual({ how: "ended", exitStatus: 127 });
    expect(stderr).toContain("/opt/none");
  });
});

it("puts files beside the script, in folders of theirs, as they are", async () => {
  const files = [{ path: "deep/er/bytes", content: new Uint8Array([0, 255, 10]) }];
  expect((await play('od -An -tx1 "$(dirname "$0")"/deep/er/bytes', { files })).stdout.trim()).toBe("00 ff 0a");
});

it("the error of a script that had to succeed quotes the end of what it said", async () => {
  const result = await play("echo '::error::fake'; echo why >&2; exit 3", { as: "setup" });
  expect(scriptFailed("setup.failed", "Setting up x", result, 1000).message).toBe(
    "Setting up x ended with exit status 3:\n| ::error::fake\n|\n| why",
  );
});
