import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Engine } from "../engine/engine.ts";
import { Observer } from "./observer.ts";

let dir: string;
let calls: string[];
let observer: Observer;
/** Numbers of the node's process that the engine tells, one after another. */
let pids: number[];

/**
 * An engine whose `exec` is a script: the observer answers with the node it is asked about, once
 * its container was run; the process 1111 is always gone.
 */
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "drydock-observer-"));
  calls = [];
  pids = [2222];
  const command = join(dir, "engine");
  writeFileSync(
    command,
    `#!${process.execPath}
     const { existsSync } = require("node:fs");
     if (!existsSync(${JSON.stringify(join(dir, "running"))})) { console.error("no such container"); process.exit(125); }
     require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
       const { id, node } = JSON.parse(line);
       console.log(JSON.stringify(node?.pid === 1111 ? { id, error: "the node is gone", code: "gone" } : { id, result: { node } }));
     });`,
  );
  chmodSync(command, 0o755);
  const answer = (exitCode: number, stdout = "") => ({ exitCode, stdout, stderr: "", timedOut: false, durationMs: 1 });
  const engine = {
    name: "podman",
    command,
    env: {},
    version: "",
    run: () => Promise.reject(new Error("not part of this fake")),
    async tryRun(args: readonly string[]) {
      calls.push(args[0]!);
      if (args[0] === "run") writeFileSync(join(dir, "running"), "");
      if (args.includes("{{.State.Pid}} {{.Id}}")) return pids.length ? answer(0, `${pids.shift()} abc\n`) : answer(125);
      return answer(args[0] === "run" ? 0 : 125);
    },
  } as unknown as Engine;
  observer = new Observer(engine, { installation: "test", dataDir: dir }, async () => "localhost/drydock/node:source-1");
});
afterEach(() => {
  observer.close();
  rmSync(dir, { recursive: true });
});

const ask = () => observer.askNode("box", { ask: "stat", path: "/etc" });

test("the container is started when the first question finds none, and then no more", async () => {
  expect(await ask()).toEqual({ node: { pid: 2222, container: "abc" } });
  expect(await ask()).toEqual({ node: { pid: 2222, container: "abc" } });
  expect(calls.filter((call) => call === "run")).toHaveLength(1);
});

test("a node that was started anew is looked up again", async () => {
  pids = [1111, 3333];
  expect(await ask()).toEqual({ node: { pid: 3333, container: "abc" } });
});

test("a node that is gone for good is told, and looked for again the next time", async () => {
  pids = [];
  await expect(ask()).rejects.toMatchObject({ code: "sandbox.lost" });
  pids = [2222];
  expect(await ask()).toEqual({ node: { pid: 2222, container: "abc" } });
});
