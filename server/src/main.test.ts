import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "./store/store.ts";
import { Client } from "./testing/client.ts";
import { sessionRow } from "./testing/rows.ts";
import { eventually } from "./testing/test-server.ts";

const projectDir = resolve(import.meta.dirname, "../..");
let home: string;
const children: ChildProcess[] = [];
beforeEach(() => (home = mkdtempSync(join(tmpdir(), "drydock-main-"))));
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
  rmSync(home, { recursive: true, force: true });
});

/** The server as a process, on a machine whose only container engine does not answer. */
function start(env: Record<string, string> = {}): { child: ChildProcess; said: () => string; url: () => Promise<string> } {
  const child = spawn(process.execPath, ["--import", "tsx", "server/src/main.ts"], {
    cwd: projectDir,
    env: { ...process.env, PORT: "0", DRYDOCK_HOME: home, DRYDOCK_ENGINE: "docker", DOCKER_HOST: "unix:///nonexistent", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const url = () =>
    eventually(() => {
      const found = /Drydock is at (http:\S+)/.exec(text)?.[1];
      if (!found) throw new Error(`not started: ${text}`);
      return found;
    }, 30_000);
  return { child, said: () => text, url };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode;
}

test("the tasks can be read though the machine can't be prepared, and what is wrong is said in the page and in the terminal", async () => {
  const { url, said } = start();
  const at = await url();
  const scenarios = (await (await fetch(`${at}/api/scenarios`)).json()) as { scenarios: unknown[] };
  expect(scenarios.scenarios.length).toBeGreaterThan(0);
  await eventually(async () => {
    const platform = (await (await fetch(`${at}/api/platform`)).json()) as {
      state: string;
      error?: { code: string; advice?: string };
    };
    expect(platform).toMatchObject({ state: "failed", error: { code: "engine.none" } });
    expect(platform.error?.advice).toBeTruthy();
  }, 20_000);
  await eventually(() => expect(said()).toContain("The page can try again"));
}, 60_000);

test("programs are run by another process: starting one would make everybody's terminals stand still", async () => {
  const bin = join(home, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "docker"), '#!/bin/sh\necho $PPID >> "$DRYDOCK_HOME/asked-by"\nexit 1\n', { mode: 0o755 });
  const { child, url } = start({ PATH: `${bin}:${process.env["PATH"]}` });
  const learner = new Client(await url());
  await learner.get("/api/platform");
  // The first are run by the server itself, until the other process is ready.
  await eventually(async () => {
    await learner.post("/api/platform/retry");
    const lastAskedBy = Number(readFileSync(join(home, "asked-by"), "utf8").trim().split("\n").at(-1));
    expect(lastAskedBy).toBeGreaterThan(0);
    expect(lastAskedBy).not.toBe(child.pid);
  });
}, 60_000);

test("a second server on the same data says where the first is; a port in use is one clear line; a killed one leaves nothing in the way", async () => {
  const first = start();
  const url = await first.url();
  const second = start();
  expect(await exitOf(second.child)).toBe(1);
  expect(second.said()).toContain(url);
  expect(second.said().trim().split("\n")).toHaveLength(1);
  const blocker = createServer().listen(0, "127.0.0.1");
  await once(blocker, "listening");
  const { port } = blocker.address() as { port: number };
  first.child.kill("SIGKILL");
  await exitOf(first.child);
  const third = start({ PORT: String(port) });
  expect(await exitOf(third.child)).toBe(1);
  expect(third.said().trim()).toMatch(/^Port \d+ of 127\.0\.0\.1 is in use\. .*PORT=/);
  blocker.close();
  await start().url();
}, 90_000);

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s stops it cleanly",
  async (signal) => {
    const { child, url, said } = start();
    const events = await fetch(`${await url()}/api/events`);
    child.kill(signal);
    child.kill(signal); // as npm does
    expect(await exitOf(child)).toBe(0);
    expect(said()).toContain("Stopping");
    await events.body?.cancel().catch(() => undefined);
  },
  60_000,
);

/** What a command of the command line says on the same data, and its exit status. */
async function drydock(...args: string[]): Promise<{ text: string; complaint: string; status: number | null }> {
  const child = spawn(process.execPath, ["labs/bin/drydock.mjs", ...args], {
    cwd: projectDir,
    env: { ...process.env, DRYDOCK_HOME: home, DRYDOCK_ENGINE: "docker", DOCKER_HOST: "unix:///nonexistent" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let text = "";
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await once(child, "close");
  return { text, complaint, status: child.exitCode };
}

test("`drydock status` finds the server of the data directory, and knows one that was killed from one that runs", async () => {
  const none = await drydock("status");
  expect(none).toMatchObject({ status: 0, text: expect.stringContaining("No server runs") });
  const { child, url, said } = start({ HOST: "0.0.0.0" });
  const { port } = new URL(await url());
  await eventually(() => expect(said()).toContain("The page can try again"));
  expect(said()).toContain("HOST=0.0.0.0: everyone who can open the page gets root");
  const running = await drydock("status");
  expect(running.text).toContain(`0.0.0.0:${port} (process ${child.pid}, started`);
  expect(running.text).toMatch(/^Errors +1 engine\.none$/m);
  const { server, machine } = JSON.parse((await drydock("status", "--json")).text) as { server: object; machine: unknown };
  expect(server).toMatchObject({ pid: child.pid, errors: { "engine.none": 1 } });
  expect(machine).toBeNull();
  child.kill("SIGKILL");
  await exitOf(child);
  expect(await drydock("status")).toEqual(none);
}, 90_000);

test("backup and restore work from the command line, beside a server and without one", async () => {
  const { child, url } = start();
  await url();
  const file = join(home, "out/backup.db");
  const saved = await drydock("backup", file);
  expect(saved).toMatchObject({ status: 0, text: expect.stringMatching(/^Saved 0 sessions .* in .*backup\.db/) });
  expect(await drydock("backup", file)).toMatchObject({ status: 2 });
  const beside = await drydock("restore", file);
  expect(beside).toMatchObject({ status: 0, text: expect.stringContaining("The server took it over") });
  expect((await fetch(`${await url()}/api/platform`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await exitOf(child)).toBe(0);
  const without = await drydock("restore", file);
  expect(without.status).toBe(0);
  expect(without.text).toMatch(/^The database before is kept in .*-replaced\.db$/m);
  expect(without.text).not.toContain("server");
}, 90_000);

test("`drydock clean` beside a server asks for --force, and names the sessions whose clusters would go", async () => {
  const store = await openStore(home);
  await store.sessions.insert(sessionRow({ id: "ann-s", state: "ready", sandbox: "box" }));
  await store.sessions.insert(sessionRow({ id: "old-s", learner: "bob", state: "ended", sandbox: "gone" }));
  await store.close();
  const { child, url } = start();
  const at = await url();
  const refused = await drydock("clean");
  expect(refused).toMatchObject({ status: 2, text: "" });
  expect(refused.complaint).toContain(`A server runs on ${home}: ${at} (process ${child.pid})`);
  expect(refused.complaint).toMatch(/^ {2}one \(session ann-s, ready, since 2026-01-01T00:00:00.000Z\)$/m);
  expect(refused.complaint).not.toContain("old-s");
  expect(refused.complaint).toContain("--force");
  expect(await drydock("clean", "--force")).toMatchObject({ status: 0, text: expect.stringContaining("nothing to remove") });
  child.kill("SIGKILL");
  await exitOf(child);
  expect(await drydock("clean"), "beside a server that was killed").toMatchObject({ status: 0 });
}, 90_000);

test("a setting that cannot be is told by its name", async () => {
  const { child, said } = start({ PORT: "http", DRYDOCK_SCENARIOS: "/none/such" });
  expect(await exitOf(child)).toBe(1);
  expect(said().trim()).toMatch(/^DRYDOCK_SCENARIOS is "\/none\/such", but must be .*folder that is there/);
}, 30_000);
