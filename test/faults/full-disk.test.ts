import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import Sqlite from "libsql";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { errorSchema } from "../../server/src/contract.ts";
import { fakeReport } from "../../server/src/testing/fake-lab.ts";
import { eventually, TestServer } from "../../server/src/testing/test-server.ts";
import { SmallDisk } from "./support/small-disk.ts";

const KIB = 1024;
/** An attempt takes some 50 KiB: more than the leftovers that a full disk has. */
const FOUND = "x".repeat(50 * KIB);

const disk = await SmallDisk.mount(8);
afterAll(() => disk?.unmount());

describe.skipIf(!disk)(`the disk of the data directory is full (${disk?.kind ?? "nothing can be mounted here"})`, () => {
  let dataDir: string;
  beforeAll(() => disk!.free());
  afterEach(() => disk!.free());

  const integrity = () => {
    const database = new Sqlite(join(dataDir, "drydock.db"), { readonly: true });
    const { integrity_check: answer } = database.prepare("pragma integrity_check").get() as { integrity_check: string };
    database.close();
    return answer;
  };

  describe("under a server with a session", () => {
    let server: TestServer;
    let session: string;
    beforeAll(async () => {
      dataDir = join(disk!.dir, "server");
      mkdirSync(dataDir);
      const report = fakeReport;
      server = await TestServer.start(
        {
          grade: async (scenario) => {
            const graded = report(scenario, "failed");
            return {
              ...graded,
              checks: graded.checks.map((check) => ({ ...check, expected: { en: "y" }, found: { en: FOUND } })),
            };
          },
        },
        {},
        dataDir,
      );
      session = await server.ready("one");
    });
    afterAll(() => server?.end());
    const check = () => server.learner.post(`/api/sessions/${session}/check`);
    const attempts = async () =>
      (await server.learner.get("/api/scenarios/one/attempts")).body.attempts as {
        id: string;
        checks: { found: { en: string } }[];
      }[];

    test("what cannot be saved is refused with advice, what was saved can be read, and with room again all goes on", async () => {
      expect((await check()).status).toBe(201);
      const before = await attempts();
      disk!.fill();
      const refused = [
        await check(),
        await server.learner.post("/api/sessions", { scenario: "two" }),
        await server.learner.post(`/api/sessions/${session}/terminals`, { host: "node01" }),
        await server.learner.post(`/api/sessions/${session}/reset`),
      ];
      for (const { status, body } of refused) {
        expect(status).toBe(507);
        expect(errorSchema.parse(body).error).toMatchObject({
          code: "store.full",
          message: expect.stringContaining("the disk of the data directory is full"),
          advice: expect.stringContaining("Free some space"),
        });
      }
      expect(await attempts()).toEqual(before);
      expect((await server.learner.get("/api/scenarios")).status).toBe(200);
      expect((await server.learner.get(`/api/sessions/${session}`)).body).toMatchObject({ state: "ready", checking: false });
      expect(server.engine.records.size).toBe(1);
      disk!.free();
      expect((await check()).status).toBe(201);
      expect(await attempts()).toHaveLength(2);
      expect(integrity()).toBe("ok");
    });

    test("whatever is left of it, an attempt is saved whole or not at all, and is there after a restart", async () => {
      const known = new Set((await attempts()).map(({ id }) => id));
      let refused = 0;
      for (let leftKib = 0; leftKib <= 512; leftKib += 16) {
        disk!.free();
        disk!.fill(leftKib * KIB);
        const { status, body } = await check();
        expect([201, 507]).toContain(status);
        if (status === 201) known.add(body.id as string);
        else refused += 1;
      }
      // The trial is one only where it met both.
      expect(refused).toBeGreaterThan(0);
      expect(known.size).toBeGreaterThan(2);
      disk!.fill();
      await server.stop();
      disk!.free();
      await server.start();
      const kept = await attempts();
      expect(new Set(kept.map(({ id }) => id))).toEqual(known);
      for (const { checks } of kept) expect(checks.map(({ found }) => found.en.length)).toEqual([FOUND.length, FOUND.length]);
      expect(integrity()).toBe("ok");
      await server.until(session, "ready");
    });
  });

  describe("under the program", () => {
    let child: ChildProcess;
    let said: string;
    beforeAll(() => {
      for (const name of readdirSync(disk!.dir)) if (name !== "lost+found") rmSync(join(disk!.dir, name), { recursive: true });
      dataDir = join(disk!.dir, "program");
    });
    afterEach(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    });
    /** The server as a program, on a machine whose only container engine does not answer. */
    const launch = () => {
      said = "";
      child = spawn(process.execPath, ["--import", "tsx", "server/src/main.ts"], {
        cwd: resolve(import.meta.dirname, "../.."),
        env: { ...process.env, PORT: "0", DRYDOCK_HOME: dataDir, DRYDOCK_ENGINE: "docker", DOCKER_HOST: "unix:///nonexistent" },
        stdio: ["ignore", "pipe", "pipe"],
      });
      for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    };
    const url = () => eventually(() => /Drydock is at (http:\S+)/.exec(said)![1]!, 60_000);

    test("it cannot start anew, and says in one line what to do", async () => {
      disk!.fill();
      launch();
      if (child.exitCode === null) await once(child, "exit");
      expect(child.exitCode).toBe(1);
      expect(said.trim().split("\n")).toHaveLength(1);
      expect(said).toMatch(/the disk of the data directory is full.*Free some space/);
    });

    test("one that runs goes on, though it cannot even write its log", async () => {
      launch();
      const at = await url();
      disk!.fill();
      for (let asked = 0; asked < 200; asked += 1) expect((await fetch(`${at}/api/none`)).status).toBe(404);
      expect((await fetch(`${at}/api/scenarios`)).status).toBe(200);
      expect(disk!.freeBytes).toBe(0);
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      expect(child.exitCode).toBe(0);
      expect(integrity()).toBe("ok");
    });
  });
});
