import { afterEach, expect, test } from "vitest";
import type { Phase } from "./contract.ts";
import { MOST_WAITING } from "./sandboxes/admission.ts";
import type { Client } from "./testing/client.ts";
import { eventually, TestServer } from "./testing/test-server.ts";

let server: TestServer;
afterEach(() => server.end());

const start = async (client: Client, scenario = "one") => client.post("/api/sessions", { scenario });
const session = async (client: Client, id: string) => (await client.get(`/api/sessions/${id}`)).body;
/** What a waiting session says of its place. */
const place = async (client: Client, id: string) =>
  (await session(client, id)).phases.find((phase: Phase) => phase.id === "room" && phase.state === "running")?.place;
/** A time that some of has passed since. */
const aboutMinutes = (minutes: number) => expect.toSatisfy((ms: number) => ms <= minutes * 60_000 && ms > (minutes - 1) * 60_000);
const end = (client: Client, id: string) => client.ask("DELETE", `/api/sessions/${id}`);
const poolOf = async () => (await server.learner.get("/api/platform")).body.pool;

test("beyond capacity sessions wait in order, say their place and how long it takes at most, and get the room that comes free", async () => {
  server = await TestServer.start({}, { maxSandboxes: 1, leaseMs: 25 * 60_000 });
  const first = await server.ready("one");
  const second = (await start(server.learner, "two")).body.id as string;
  const other = await server.stranger();
  const third = (await start(other)).body.id as string;
  await eventually(async () =>
    expect(await place(server.learner, second)).toMatchObject({ position: 1, withinMs: aboutMinutes(25) }),
  );
  await eventually(async () => expect(await place(other, third)).toEqual({ position: 2 }));
  expect((await poolOf()).waiting).toBe(2);
  expect(server.engine.records.size).toBe(1);
  await end(server.learner, first);
  await server.until(second, "ready");
  await eventually(async () => expect(await place(other, third)).toMatchObject({ position: 1, withinMs: aboutMinutes(25) }));
  await end(server.learner, second);
  await eventually(async () => expect((await session(other, third)).state).toBe("ready"));
  expect(server.engine.records.size).toBe(1);
});

test("who gives up waiting leaves the queue to the next", async () => {
  server = await TestServer.start({}, { maxSandboxes: 1 });
  const first = await server.ready("one");
  const second = (await start(server.learner, "two")).body.id as string;
  const other = await server.stranger();
  const third = (await start(other)).body.id as string;
  await eventually(async () => expect(await place(other, third)).toMatchObject({ position: 2 }));
  await end(server.learner, second);
  await eventually(async () => expect(await place(other, third)).toMatchObject({ position: 1 }));
  await end(server.learner, first);
  await eventually(async () => expect((await session(other, third)).state).toBe("ready"));
});

test("a queue that is full refuses, and says what to do", async () => {
  server = await TestServer.start({}, { maxSandboxes: 1 });
  await server.ready("one");
  const clients = await Promise.all(Array.from({ length: MOST_WAITING + 1 }, () => server.stranger()));
  const answers = await Promise.all(clients.map((client) => start(client)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(MOST_WAITING);
  const [refused] = answers.filter(({ status }) => status !== 201);
  expect(refused).toMatchObject({ status: 503, body: { error: { code: "capacity.full", advice: "Try again later" } } });
});

test("without a limit free memory is the limit, and what is on its way counts", async () => {
  server = await TestServer.start({ createNever: true }, { maxSandboxes: undefined, freeBytes: () => 2e9 });
  await start(server.learner, "one");
  await start(server.learner, "two");
  const other = await server.stranger();
  const third = (await start(other)).body.id as string;
  await eventually(async () => expect(await place(other, third)).toEqual({ position: 1 }));
});

test("a session takes a sandbox of its topology that waits in the pool, which is filled again behind the scenes", async () => {
  server = await TestServer.start({}, { poolSize: 1 });
  await eventually(async () => expect(await poolOf()).toMatchObject({ ready: 2, isRefilling: false }));
  const pooled = [...server.engine.records.values()];
  expect(pooled.map(({ topology }) => topology).sort()).toEqual(["single-node", "two-node"]);
  for (const one of pooled) expect(one).toMatchObject({ state: "ready", frozen: true });
  for (const [scenario, topology] of [
    ["one", "two-node"],
    ["two", "single-node"],
  ] as const) {
    const id = await server.ready(scenario);
    const taken = pooled.find((one) => one.topology === topology)!;
    expect(server.engine.records.get(taken.id)).toMatchObject({ state: "leased", leasedFor: id, frozen: false });
  }
  await eventually(async () => expect((await poolOf()).ready).toBe(2), 15_000);
  expect(server.engine.records.size).toBe(4);
});

test("a reset swaps: the sandbox that waited is taken, the old one goes away", async () => {
  server = await TestServer.start({}, { poolSize: 1, maxSandboxes: 3 });
  const id = await server.ready("one");
  const [old] = [...server.engine.records.values()].filter((one) => one.leasedFor === id);
  await eventually(async () => expect((await poolOf()).ready).toBe(2), 15_000);
  const [waiting] = [...server.engine.records.values()].filter((one) => one.state === "ready" && one.topology === "two-node");
  await server.learner.post(`/api/sessions/${id}/reset`);
  await server.until(id, "ready");
  expect(server.engine.records.get(waiting!.id)).toMatchObject({ leasedFor: id });
  await eventually(() => expect(server.engine.records.has(old!.id)).toBe(false));
});

test("a reset keeps its room, however many wait", async () => {
  server = await TestServer.start({}, { maxSandboxes: 1 });
  const id = await server.ready("one");
  const waiting = (await start(server.learner, "two")).body.id as string;
  await eventually(async () => expect(await place(server.learner, waiting)).toBeDefined());
  await server.learner.post(`/api/sessions/${id}/reset`);
  await server.until(id, "ready");
  expect((await session(server.learner, waiting)).state).toBe("preparing");
  expect(server.engine.records.size).toBe(1);
});

test("the pool gives its room up to a session of another topology", async () => {
  server = await TestServer.start({}, { poolSize: 1, maxSandboxes: 1 });
  await eventually(async () => expect((await poolOf()).ready).toBe(1));
  const id = await server.ready("two");
  expect([...server.engine.records.values()]).toMatchObject([{ leasedFor: id, topology: "single-node" }]);
});

test("a pooled sandbox that was made from another node image is not handed out", async () => {
  server = new TestServer({}, { poolSize: 1 });
  const old = { topology: "two-node", owner: "server", state: "ready", frozen: true, createdAt: "" } as const;
  server.engine.records.set("outdated", { ...old, id: "outdated" });
  server.behaviour.outdated = ["outdated"];
  await server.start();
  await eventually(async () => expect((await poolOf()).ready).toBe(2));
  expect(server.engine.records.has("outdated")).toBe(false);
});

test("a pool is not filled while somebody types, unless that goes on for a minute", async () => {
  let laterMs = 0;
  let looks = 0;
  server = await TestServer.start(
    {},
    { poolSize: 1, monotonicMs: () => performance.now() + laterMs, freeDiskBytes: () => ((looks += 1), 100e9) },
  );
  const full = { ready: 2, isRefilling: false };
  const oneMissing = { ready: 1, isRefilling: false };
  const looked = async (times: number) => {
    const before = looks;
    await eventually(() => expect(looks).toBeGreaterThanOrEqual(before + times));
  };
  await eventually(async () => expect(await poolOf()).toMatchObject(full));
  const id = await server.ready("one");
  await looked(3);
  expect(await poolOf()).toMatchObject(oneMissing);
  const type = () => server.server.sessions.use(id);
  for (let times = 0; times < 10; times += 1) {
    laterMs += 4000;
    type();
    await looked(2);
    expect(await poolOf()).toMatchObject(oneMissing);
  }
  laterMs += 20_500;
  await eventually(async () => {
    type();
    expect(await poolOf()).toMatchObject(full);
  });

  await server.learner.post(`/api/sessions/${id}/reset`);
  await server.until(id, "ready");
  await looked(3);
  expect(await poolOf()).toMatchObject(oneMissing);
  laterMs += 5000;
  await eventually(async () => expect(await poolOf()).toMatchObject(full));
});

test("a pool is not filled where disk is short", async () => {
  server = await TestServer.start({}, { poolSize: 1, freeDiskBytes: () => 1e9 });
  await server.ready("one");
  expect(server.engine.records.size).toBe(1);
  expect(await poolOf()).toMatchObject({ ready: 0 });
});
