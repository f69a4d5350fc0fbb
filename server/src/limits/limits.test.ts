import { afterEach, describe, expect, test } from "vitest";
import type { Client } from "../testing/client.ts";
import { fakeScenario } from "../testing/fake-lab.ts";
import { eventually, TestServer } from "../testing/test-server.ts";
import { Catalogue } from "../catalogue.ts";
import { DEFAULT_LIMITS, OpenCount, type Limits } from "./limits.ts";

let server: TestServer;
afterEach(() => server?.end());

const SLUGS = ["one", "two", "three", "four"];

/** A server behind a proxy on this machine, which says from where each request comes. */
async function start(limits: Partial<Limits>, options: ConstructorParameters<typeof TestServer>[1] = {}): Promise<void> {
  server = await TestServer.start(
    {},
    {
      limits: { ...DEFAULT_LIMITS, ...limits },
      proxies: ["127.0.0.1"],
      catalogue: new Catalogue(SLUGS.map((slug) => fakeScenario(slug))),
      ...options,
    },
  );
  await eventually(async () => expect((await server.learner.get("/api/platform")).body.state).toBe("ready"));
}

const begin = (client: Client, scenario: string, from = "192.0.2.1") =>
  client.ask("POST", "/api/sessions", { body: { scenario }, headers: { "x-forwarded-for": from } });

/** Opens a stream of events; the answer's status, and what closes it. */
async function openPage(client: Client, from = "192.0.2.1"): Promise<{ response: Response; close: () => void }> {
  const stop = new AbortController();
  const headers = { cookie: client.cookie, "x-forwarded-for": from };
  const response = await fetch(`${client.origin}/api/events`, { headers, signal: stop.signal });
  return { response, close: () => stop.abort() };
}

describe("running tasks", () => {
  test("of one learner are limited, until one has ended; what runs already can always be come back to", async () => {
    await start({ sessions: { perLearner: 2, perAddress: 10 } });
    const answers = await Promise.all(SLUGS.map((slug) => begin(server.learner, slug)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 429, 429]);
    expect(answers[2]).toMatchObject({ body: { error: { code: "limit.sessions", advice: "End one of them first" } } });
    expect(answers[2]!.headers["retry-after"]).toBe("60");
    expect((await begin(server.learner, "one")).status).toBe(200);
    expect((await begin(await server.stranger(), "one")).status).toBe(201);
    await server.learner.ask("DELETE", `/api/sessions/${answers[0]!.body.id}`);
    expect((await begin(server.learner, "three")).status).toBe(201);
    expect((await begin(server.learner, "four")).status).toBe(429);
    await server.stop();
    await server.start();
    expect((await begin(server.learner, "four")).status, "after a restart").toBe(429);
  });

  test("of one address are limited for all learners there together; this machine itself is not", async () => {
    await start({ sessions: { perLearner: 2, perAddress: 3 } });
    const learners = await Promise.all(Array.from({ length: 4 }, () => server.stranger()));
    const statuses: number[] = [];
    for (const learner of learners) statuses.push((await begin(learner, "one", "203.0.113.9")).status);
    expect(statuses).toEqual([201, 201, 201, 429]);
    const refused = await begin(learners[3]!, "one", "203.0.113.9");
    expect(refused.body.error.code).toBe("limit.address");
    expect((await begin(learners[3]!, "one", "203.0.113.10")).status).toBe(201);
    for (const learner of learners) expect((await begin(learner, "two", "127.0.0.1")).status).toBe(201);
    const mine = (await learners[0]!.get("/api/sessions")).body.sessions as { id: string; scenario: string }[];
    await learners[0]!.ask("DELETE", `/api/sessions/${mine.find(({ scenario }) => scenario === "one")!.id}`);
    expect((await begin(await server.stranger(), "one", "203.0.113.9")).status).toBe(201);
  });
});

test("places in the queue are limited: who has one waits no second time, others still can", async () => {
  await start({ queue: { perLearner: 1, perAddress: 2 } }, { maxSandboxes: 1 });
  expect((await begin(server.learner, "one")).status).toBe(201);
  const waiting = await begin(server.learner, "two");
  expect(waiting.status).toBe(201);
  const refused = await begin(server.learner, "three");
  expect(refused).toMatchObject({ status: 429, body: { error: { code: "limit.queue" } } });
  expect(refused.headers["retry-after"]).toBe("30");
  expect((await begin(await server.stranger(), "one")).status).toBe(201);
  expect((await begin(await server.stranger(), "one")).body.error.code).toBe("limit.address");
  expect((await begin(await server.stranger(), "one", "192.0.2.77")).status).toBe(201);
  await eventually(async () => expect((await server.learner.get("/api/platform")).body.pool.waiting).toBe(3));
  await server.learner.ask("DELETE", `/api/sessions/${waiting.body.id}`);
  expect((await begin(server.learner, "three")).status).toBe(201);
  expect((await server.learner.get("/api/sessions")).body.sessions).toHaveLength(3);
});

test("open pages are limited by learner and by address; one that is closed makes room", async () => {
  await start({ pages: { perLearner: 2, perAddress: 3 } });
  const first = await openPage(server.learner);
  const others = [await openPage(server.learner), await openPage(await server.stranger())];
  const refused = await openPage(server.learner);
  expect(refused.response.status).toBe(429);
  expect(refused.response.headers.get("retry-after")).toBe("10");
  expect(await refused.response.json()).toMatchObject({ error: { code: "limit.pages" } });
  expect(await (await openPage(await server.stranger())).response.json()).toMatchObject({ error: { code: "limit.address" } });
  first.close();
  await eventually(async () => {
    const again = await openPage(server.learner);
    expect(again.response.status).toBe(200);
    others.push(again);
  });
  for (const { close } of others) close();
});

test("windows on terminals are limited, and told so by the close code; one that is closed makes room", async () => {
  await start({ windows: { perLearner: 2, perAddress: 10 } });
  const { learner } = server;
  const session = await server.ready("one");
  const terminal = (await learner.post(`/api/sessions/${session}/terminals`, { host: "node01" })).body.id as string;
  const open = async () => {
    const socket = learner.stream(`/api/sessions/${session}/terminals/${terminal}/stream?cols=80&rows=24`);
    const frames: string[] = [];
    socket.on("message", (data) => frames.push(String(data)));
    await new Promise((resolve) => socket.on("open", resolve));
    return { socket, frames };
  };
  const windows = [await open(), await open()];
  const refused = await open();
  expect(await new Promise((resolve) => refused.socket.on("close", resolve))).toBe(4429);
  expect(JSON.parse(refused.frames[0]!)).toMatchObject({ type: "error", code: "limit.windows" });
  windows[0]!.socket.terminate();
  await eventually(async () => {
    windows.push(await open());
    expect((await learner.get("/metrics")).text).toMatch(/^drydock_terminal_windows 2$/m);
  });
  for (const { socket } of windows) socket.terminate();
});

test("what is counted off twice is counted off once", () => {
  const pages = new OpenCount("pages", { perLearner: 1, perAddress: 1 });
  const ann = { learner: "ann", address: "192.0.2.1" };
  const close = pages.open(ann);
  expect(() => pages.open(ann)).toThrow(expect.objectContaining({ code: "limit.pages" }));
  expect(() => pages.open({ ...ann, learner: "bob" })).toThrow(expect.objectContaining({ code: "limit.address" }));
  close();
  close();
  pages.open(ann);
  expect(() => pages.open(ann)).toThrow();
});
