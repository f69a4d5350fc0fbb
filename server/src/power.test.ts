import { afterEach, expect, test } from "vitest";
import { type FakeBehaviour, fakeReport } from "./testing/fake-lab.ts";
import { eventually, TestServer } from "./testing/test-server.ts";

/** Short enough for a test to await it. */
const IDLE_MS = 200;
let server: TestServer;
afterEach(() => server.end());

const power = async (id: string) => (await server.learner.get(`/api/sessions/${id}`)).body.power;
const frozen = () => [...server.engine.records.values()].map((record) => record.frozen);

test("a session that nobody uses is frozen, its page is told, and a check thaws it", async () => {
  let judged: unknown;
  const grade: FakeBehaviour["grade"] = async (scenario) => {
    judged = frozen();
    return fakeReport(scenario, "passed");
  };
  server = await TestServer.start({ grade }, { idleMs: IDLE_MS });
  const { seen, close } = await server.learner.events();
  const id = await server.ready();
  await eventually(async () => expect(await power(id)).toBe("frozen"));
  expect(frozen()).toEqual([true]);
  expect((await server.learner.post(`/api/sessions/${id}/check`)).status).toBe(201);
  expect(judged).toEqual([false]);
  const told = () => seen.flatMap((event) => (event.type === "session" ? [event.session.power] : []));
  const changes = () => told().filter((one, at) => one !== told()[at - 1]);
  // Afterwards nobody uses it again.
  await eventually(() => expect(changes().slice(0, 5)).toEqual(["awake", "freezing", "frozen", "thawing", "awake"]));
  close();
});

test("a check that takes long is no idleness", async () => {
  let finish = () => {};
  server = await TestServer.start(
    { grade: async (scenario) => (await new Promise<void>((done) => (finish = done)), fakeReport(scenario, "passed")) },
    { idleMs: IDLE_MS },
  );
  const id = await server.ready();
  const check = server.learner.post(`/api/sessions/${id}/check`);
  await eventually(() => expect(server.engine.calls.some((call) => call.startsWith("grade"))).toBe(true));
  const asked = server.engine.calls.length;
  // Longer than it takes to be called idle: what must not happen can only be waited for.
  await new Promise((next) => setTimeout(next, 3 * IDLE_MS));
  expect(server.engine.calls.slice(asked)).toEqual([]);
  finish();
  expect((await check).status).toBe(201);
});

test("a sandbox that cannot be frozen stays in use", async () => {
  server = await TestServer.start({ freezeError: new Error("no") }, { idleMs: IDLE_MS });
  const id = await server.ready();
  await eventually(() => expect(server.engine.calls.filter((call) => call.startsWith("freeze")).length).toBeGreaterThan(1));
  expect((await server.learner.post(`/api/sessions/${id}/check`)).status).toBe(201);
});
