import { afterEach, expect, test } from "vitest";
import { eventually, TestServer } from "./testing/test-server.ts";

const MINUTE = 60_000;
let server: TestServer;
/** The monotonic clock and the one on the wall, both of which the tests move. */
let monotonic = 0;
let wall = Date.parse("2026-01-01T00:00:00Z");
afterEach(() => server.end());

const clocks = { monotonicMs: () => monotonic, now: () => new Date(wall) };
const session = async (id: string) => (await server.learner.get(`/api/sessions/${id}`)).body;
/** Lets time pass, as the server's timer does. */
const pass = async (ms: number) => {
  monotonic += ms;
  wall += ms;
  await server.server.sessions.spendLeases();
};

test("a lease counts down, is extended by one request, and ends the session when it is over", async () => {
  server = await TestServer.start({}, { ...clocks, leaseMs: 30 * MINUTE });
  const id = await server.ready();
  await pass(21 * MINUTE);
  expect((await session(id)).leaseLeftMs).toBe(9 * MINUTE);
  expect((await server.learner.post(`/api/sessions/${id}/extend`)).body.leaseLeftMs).toBe(30 * MINUTE);
  await pass(29 * MINUTE);
  expect((await session(id)).state).toBe("ready");
  await pass(MINUTE);
  await server.until(id, "ended");
  expect((await session(id)).error).toMatchObject({ code: "lease.over" });
  await eventually(() => expect(server.engine.records.size).toBe(0));
  expect((await server.learner.post(`/api/sessions/${id}/extend`)).status).toBe(409);
});

test("the page is told when ten and when two minutes are left", async () => {
  server = await TestServer.start({}, { ...clocks, leaseMs: 30 * MINUTE });
  await server.ready();
  await pass(15 * MINUTE);
  const { seen, close } = await server.learner.events();
  await eventually(() => expect(seen.length).toBeGreaterThan(0));
  const told = () => seen.flatMap((event) => (event.type === "session" ? [event.session.leaseLeftMs! / MINUTE] : []));
  await pass(6 * MINUTE);
  await pass(MINUTE);
  await pass(6.5 * MINUTE);
  await eventually(() => expect(told()).toEqual([15, 9, 1.5]));
  close();
});

test.each([
  ["forward", 86_400_000],
  ["back", -86_400_000],
])("a clock that jumps a day %s ends no lease at once, and none lasts for ever", async (_direction, jump) => {
  server = await TestServer.start({}, { ...clocks, leaseMs: 30 * MINUTE });
  const id = await server.ready();
  wall += jump;
  await pass(MINUTE);
  expect(await session(id)).toMatchObject({ state: "ready", leaseLeftMs: 29 * MINUTE });
  await pass(29 * MINUTE);
  await server.until(id, "ended");
});

test("time in which the server is down costs no lease; a shorter lease than before holds at once", async () => {
  server = await TestServer.start({}, { ...clocks, leaseMs: 30 * MINUTE });
  const id = await server.ready();
  await pass(5 * MINUTE);
  await server.stop();
  monotonic = 7;
  wall += 86_400_000;
  await server.start();
  await eventually(async () => expect((await session(id)).leaseLeftMs).toBe(25 * MINUTE));
  await server.stop();
  server.options.leaseMs = 10 * MINUTE;
  await server.start();
  await eventually(async () => expect((await session(id)).leaseLeftMs).toBe(10 * MINUTE));
});

test("a session that waits for its sandbox loses nothing of its lease", async () => {
  server = await TestServer.start({ createNever: true }, { ...clocks, leaseMs: 30 * MINUTE });
  const { id } = (await server.learner.post("/api/sessions", { scenario: "one" })).body;
  await pass(60 * MINUTE);
  expect(await session(id)).toMatchObject({ state: "preparing", leaseLeftMs: 30 * MINUTE });
});
