import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Client } from "./testing/client.ts";
import type { CrashServerArguments } from "./testing/crash-server.ts";
import { FolderRecords } from "./testing/folder-records.ts";
import { LocalKeepers } from "./testing/keeper.ts";
import { eventually } from "./testing/test-server.ts";
import { TestWindow } from "./testing/window.ts";
import { freePort } from "../../labs/src/free-port.ts";

/** How many times the server is killed. */
const ROUNDS = Number(process.env.DRYDOCK_TEST_KILLS ?? 5);
const keepers = new LocalKeepers();
const hasGo = await keepers.build();
const dir = mkdtempSync(join(tmpdir(), "drydock-crash-"));
const engineDir = join(dir, "engine");
mkdirSync(engineDir);
let child: ChildProcess | undefined;

afterAll(async () => {
  child?.kill("SIGKILL");
  if (hasGo) await keepers.end();
  rmSync(dir, { recursive: true, force: true });
});

async function launch(port: number): Promise<string> {
  const given: CrashServerArguments = { dataDir: dir, engineDir, port, keeper: keepers.binary, keeperDir: keepers.dir };
  const script = join(import.meta.dirname, "testing/crash-server.ts");
  child = spawn(process.execPath, ["--import", "tsx", script, JSON.stringify(given)], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  return line.toString().trim();
}

async function kill(): Promise<void> {
  const ended = once(child!, "exit");
  child!.kill("SIGKILL");
  await ended;
}

test.skipIf(!hasGo)(
  "kill -9 at any moment: the shell, its screen and every attempt are kept, and no sandbox is lost or left over",
  async () => {
    const port = await freePort();
    const records = new FolderRecords(engineDir);
    const client = new Client(await launch(port));
    await client.get("/api/platform");
    const ready = async (id: string) =>
      eventually(async () => expect((await client.get(`/api/sessions/${id}`)).body).toMatchObject({ state: "ready" }), 30_000);
    const { id } = (await client.post("/api/sessions", { scenario: "one" })).body as { id: string };
    await ready(id);
    const terminal = (await client.post(`/api/sessions/${id}/terminals`, { host: "node01" })).body.id as string;
    let window = await TestWindow.open(client, id, terminal);
    window.type("x=kept; PS1='$ '; clear\r");
    await window.shows(/^\$$/m);
    const { pid } = (await keepers.list())[0]!;
    const sandboxOf = () => [...records.values()].find((record) => record.leasedFor === id)?.id;
    const sandbox = sandboxOf();
    const saved = new Set<string>();

    for (let round = 0; round < ROUNDS; round += 1) {
      // All at once: a check, the start, reset or end of another session, and typing. The kill
      // comes somewhere in between.
      const quietly = (asked: Promise<unknown>) => asked.catch(() => undefined);
      window.type(`echo round-${round}-$((${round} + 100))\r`);
      void quietly(client.post(`/api/sessions/${id}/check`).then((answer) => answer.status === 201 && saved.add(answer.body.id)));
      void quietly(
        client.post("/api/sessions", { scenario: "two" }).then(async ({ body }) => {
          if (round % 3 === 1) await client.post(`/api/sessions/${body.id}/reset`);
          if (round % 3 === 2) await client.ask("DELETE", `/api/sessions/${body.id}`);
        }),
      );
      await new Promise((next) => setTimeout(next, 20 + Math.random() * 400));
      await kill();
      await launch(port);
      window = await TestWindow.open(client, id, terminal);
      window.type(`echo after-${round}-$x\r`);
      await window.shows(`after-${round}-kept`);
    }

    const shown = window.text().match(/^(round-\d+-\d+|after-\d+-kept)$/gm)!;
    expect(new Set(shown).size).toBe(shown.length);
    expect((await keepers.list()).find((one) => one.name === terminal)?.pid).toBe(pid);
    expect(sandboxOf()).toBe(sandbox);
    const attempts = (await client.get("/api/scenarios/one/attempts")).body.attempts as { id: string }[];
    expect([...saved].filter((one) => !attempts.some((attempt) => attempt.id === one))).toEqual([]);
    await eventually(async () => {
      const sessions = (await client.get("/api/sessions")).body.sessions as { id: string; state: string }[];
      const running = sessions.filter((session) => session.state !== "ended");
      expect(running.every((session) => session.state === "ready")).toBe(true);
      expect([...records.values()].map((record) => record.leasedFor).sort()).toEqual(running.map((session) => session.id).sort());
    }, 20_000);
  },
  600_000,
);
