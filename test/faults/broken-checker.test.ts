import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runChecks, type CheckedSandbox } from "../../labs/src/checks/run.ts";
import { tryRun } from "../../labs/src/process.ts";
import { observeFiles } from "../../labs/src/testing/fake-observe.ts";
import { writeDeadKubeconfig } from "../../labs/src/testing/fake-provider.ts";
import { attemptSchema } from "../../server/src/contract.ts";
import type { FakeBehaviour } from "../../server/src/testing/fake-lab.ts";
import { TestServer } from "../../server/src/testing/test-server.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/checkers");
const MIB = 1024 * 1024;

let server: TestServer;
let dir: string;
let sandbox: CheckedSandbox;
let session: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "drydock-checker-"));
  sandbox = {
    id: "fake",
    hosts: ["controlplane", "node01"],
    observe: observeFiles({ "/etc/motd": "hello\n" }),
    kubeconfigPath: writeDeadKubeconfig(dir),
    baselinePath: join(dir, "baseline.json"),
    async exec(host) {
      if (host === "node09") throw new Error("There is no host node09");
      return { exitCode: 0, stdout: "hello\n", stderr: "", timedOut: false, durationMs: 1 };
    },
  };
  server = await TestServer.start();
  session = await server.ready("one");
});
afterAll(async () => {
  await server.end();
  rmSync(dir, { recursive: true });
});

/** Grades with one of the broken checkers, by the real runner. */
function gradeWith(checker: string, checkTimeoutMs = 60_000): FakeBehaviour["grade"] {
  return (scenario, signal) =>
    runChecks({ ...scenario, checkPath: join(FIXTURES, `${checker}.ts`) }, sandbox, { signal, checkTimeoutMs });
}

/** The most memory that this process (the server is in it) takes while something goes on. */
async function peakBytes(work: () => Promise<unknown>): Promise<number> {
  let peak = 0;
  const look = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  await work().finally(() => clearInterval(look));
  return peak;
}

test.each([
  { fault: "hangs and lets nothing else in", checker: "hung", limitMs: 1000, unjudged: "second", reason: /took longer than/ },
  { fault: "waits without end", checker: "slow-check", unjudged: "first", reason: /took longer than/ },
  { fault: "throws", checker: "throwing", unjudged: "first", reason: /There is no host node09/ },
  { fault: "throws where nobody catches it", checker: "crashing", unjudged: "second", reason: /out of its promise/ },
  { fault: "prints 1 GB", checker: "printing", unjudged: "second", reason: /printed more than 256 KiB/ },
  { fault: "ends itself", checker: "exiting", unjudged: "second", reason: /ended early \(exit status 0\)/ },
  { fault: "takes all memory it gets", checker: "hoarding", unjudged: "second", reason: /ended early/ },
])(
  "a checker that $fault: that could not be judged, and the next check works",
  async ({ checker, limitMs, unjudged, reason }) => {
    const stranger = await server.stranger();
    const { id: other } = (await stranger.post("/api/sessions", { scenario: "one" })).body as { id: string };
    server.behaviour.grade = gradeWith(checker, limitMs);
    const before = process.memoryUsage.rss();
    const peak = await peakBytes(async () => {
      const checking = server.learner.post(`/api/sessions/${session}/check`);
      // Nobody else is held up meanwhile.
      expect((await stranger.get(`/api/sessions/${other}`)).status).toBe(200);
      const { status, body } = await checking;
      expect(status).toBe(201);
      const attempt = attemptSchema.parse(body);
      expect(attempt.verdict).toBe("error");
      for (const { id, outcome, reason: said } of attempt.checks) {
        // What was judged before stands.
        expect([id, outcome]).toEqual([id, id === unjudged ? "error" : "passed"]);
        if (id === unjudged) expect(said).toMatch(reason);
      }
    });
    expect(peak - before).toBeLessThan(200 * MIB);
    const { stdout } = await tryRun("ps", ["-o", "args=", "--ppid", String(process.pid)]);
    expect(stdout).not.toContain(`${checker}.ts`);

    server.behaviour.grade = gradeWith("passing");
    const [own, others] = await Promise.all([
      server.learner.post(`/api/sessions/${session}/check`),
      stranger.post(`/api/sessions/${other}/check`),
    ]);
    expect([own.body.verdict, others.body.verdict]).toEqual(["passed", "passed"]);
    const { attempts } = (await server.learner.get("/api/scenarios/one/attempts")).body;
    expect(attempts.slice(0, 2)).toMatchObject([{ verdict: "passed" }, { verdict: "error", points: expect.any(Number) }]);
    await stranger.ask("DELETE", `/api/sessions/${other}`);
  },
);
