import pino from "pino";
import { afterEach, expect, test } from "vitest";
import { DrydockError } from "../../labs/src/errors.ts";
import { fakeReport } from "./testing/fake-lab.ts";
import { eventually, TestServer } from "./testing/test-server.ts";

type Line = Record<string, unknown> & { msg: string };

let server: TestServer;
let lines: Line[];
afterEach(() => server.end());

/** A server whose log, down to the finest, is in `lines`. */
async function start(behaviour: ConstructorParameters<typeof TestServer>[0] = {}): Promise<void> {
  lines = [];
  const log = pino({ level: "trace", base: undefined }, { write: (text: string) => void lines.push(JSON.parse(text) as Line) });
  server = await TestServer.start(behaviour, { log });
  await eventually(async () => expect((await server.learner.get("/api/platform")).body.state).toBe("ready"));
}

test("every line from a session's start to its end carries its id", async () => {
  await start();
  const { learner } = server;
  lines.length = 0;
  const id = await server.ready();
  await learner.post(`/api/sessions/${id}/check`);
  await learner.post(`/api/sessions/${id}/hints`);
  await learner.post(`/api/sessions/${id}/reset`);
  await server.until(id, "ready");
  const terminal = (await learner.post(`/api/sessions/${id}/terminals`, { host: "node01" })).body.id as string;
  const window = learner.stream(`/api/sessions/${id}/terminals/${terminal}/stream?cols=80&rows=24`);
  await new Promise((opened) => window.on("open", opened));
  await eventually(() => expect(lines.map((line) => line.msg)).toContain("the connection to a shell broke"));
  window.close();
  await eventually(() => expect(lines.map((line) => line.msg)).toContain("a window left a terminal"));
  await learner.ask("DELETE", `/api/sessions/${id}/terminals/${terminal}`);
  await learner.post(`/api/sessions/${id}/check`, { points: 3 });
  await learner.ask("POST", `/api/sessions/${id}/check`, { raw: "{" });
  server.behaviour.grade = () => Promise.reject(new Error("boom"));
  await learner.post(`/api/sessions/${id}/check`);
  const [box] = [...server.engine.records.values()];
  server.engine.records.delete(box!.id);
  await server.until(id, "lost");
  await learner.post(`/api/sessions/${id}/reset`);
  await server.until(id, "ready");
  await learner.ask("DELETE", `/api/sessions/${id}`);
  await eventually(() => expect(lines.at(-1)).toMatchObject({ method: "DELETE", route: "/api/sessions/:id" }));

  expect(lines.filter((line) => line.session !== id)).toEqual([]);
  const said = lines.map((line) => line.msg);
  expect(said).toEqual(
    expect.arrayContaining(["session ready", "attempt graded", "request failed", "the state of a session changed"]),
  );
  for (const msg of ["session ready", "attempt graded"]) expect(lines.find((line) => line.msg === msg)?.sandbox).toBe("box-1");
});

test("a set-up that fails, and a sandbox that cannot be removed, are told with the session", async () => {
  await start({ setUpError: new DrydockError("setup.failed", "setup.sh ended with exit status 3") });
  lines.length = 0;
  const { id } = (await server.learner.post("/api/sessions", { scenario: "one" })).body;
  await server.until(id, "failed");
  server.behaviour.setUpError = undefined;
  await server.learner.post(`/api/sessions/${id}/reset`);
  await server.until(id, "ready");
  server.behaviour.down = true;
  await server.learner.ask("DELETE", `/api/sessions/${id}`);
  await eventually(() => expect(lines.map((line) => line.msg)).toContain("a sandbox could not be removed"));
  const about = lines.filter((line) => line.msg !== "the engine does not say what runs");
  expect(about.filter((line) => line.session !== id)).toEqual([]);
  const told = (msg: string) => about.find((line) => line.msg === msg);
  expect(told("a set-up failed and is tried once more")).toMatchObject({ scenario: "one", sandbox: "box-1" });
  expect(told("preparing a session failed")).toMatchObject({ scenario: "one", sandbox: "box-2" });
});

test("a request that fails or changes something is one line, without path or cookie; one that reads is none", async () => {
  await start();
  const id = await server.ready();
  lines.length = 0;
  await server.learner.get("/api/scenarios");
  await server.learner.get("/metrics");
  await server.learner.post(`/api/sessions/${id}/hints`);
  await server.learner.get("/api/sessions/none-such");
  await eventually(() => expect(lines).toHaveLength(2));
  expect(lines[0]).toMatchObject({
    msg: "request",
    method: "POST",
    route: "/api/sessions/:id/hints",
    status: 200,
    session: id,
    ms: expect.any(Number),
  });
  expect(lines[1]).toMatchObject({ route: "/api/sessions/:id", status: 404, code: "session.unknown", session: "none-such" });
  expect(JSON.stringify(lines)).not.toContain(server.learner.cookie.split("=")[1]);
});

test("how a check ended is told though whoever asked for it has left", async () => {
  await start();
  const id = await server.ready();
  for (const outcome of ["passed", "broken"] as const) {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    server.behaviour.grade = async (scenario) => {
      await ended;
      if (outcome === "broken") throw new Error("boom");
      return fakeReport(scenario, outcome);
    };
    lines.length = 0;
    const leaving = new AbortController();
    const { origin, cookie } = server.learner;
    const headers = { origin, cookie, "content-type": "application/json" };
    const path = `${origin}/api/sessions/${id}/check`;
    const asked = fetch(path, { method: "POST", body: "{}", headers, signal: leaving.signal }).catch(() => undefined);
    await eventually(() => expect(server.engine.calls.at(-1)).toMatch(/^grade/));
    leaving.abort();
    await asked;
    await new Promise((next) => setTimeout(next, 100));
    expect(lines).toEqual([]);
    end();
    const status = outcome === "passed" ? 201 : 500;
    await eventually(() => expect(lines.at(-1)).toMatchObject({ session: id, route: "/api/sessions/:id/check", status }));
    expect(lines.filter((line) => line.status === status)).toHaveLength(1);
    server.engine.calls.length = 0;
  }
});
