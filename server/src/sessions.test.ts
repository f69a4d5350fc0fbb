import { afterEach, expect, test } from "vitest";
import { DrydockError } from "../../labs/src/errors.ts";
import { SetUpFailed } from "../../labs/src/grading/set-up-failed.ts";
import { Catalogue } from "./catalogue.ts";
import { attemptSchema, scenarioDetailSchema, sessionSchema } from "./contract.ts";
import { fakeReport, fakeScenario } from "./testing/fake-lab.ts";
import { eventually, TestServer } from "./testing/test-server.ts";

let server: TestServer;
afterEach(() => server.end());

test("a session is prepared, checked, hinted, reset and ended", async () => {
  server = await TestServer.start();
  const { learner } = server;
  const started = await learner.post("/api/sessions", { scenario: "one" });
  expect(started.status).toBe(201);
  expect(sessionSchema.parse(started.body).state).toBe("preparing");
  const { id } = started.body;
  await server.until(id, "ready");
  expect((await learner.post("/api/sessions", { scenario: "one" })).status).toBe(200);

  const attempt = await learner.post(`/api/sessions/${id}/check`);
  expect(attempt.status).toBe(201);
  expect(attemptSchema.parse(attempt.body)).toMatchObject({ verdict: "failed", points: 0, maxPoints: 3, hintsUsed: 0 });

  expect((await learner.post(`/api/sessions/${id}/hints`)).body.hints).toEqual([{ en: "hint one" }]);
  expect((await learner.post(`/api/sessions/${id}/hints`)).body.hints).toHaveLength(2);
  expect((await learner.post(`/api/sessions/${id}/hints`)).body.hints).toHaveLength(2);
  expect((await learner.post(`/api/sessions/${id}/solution`)).body).toEqual({ solution: { en: "SECRET-SOLUTION" } });

  server.behaviour.grade = async (scenario) => fakeReport(scenario, "passed");
  expect((await learner.post(`/api/sessions/${id}/check`)).body).toMatchObject({
    verdict: "passed",
    points: 3,
    hintsUsed: 2,
    solutionSeen: true,
  });
  expect((await learner.get("/api/scenarios")).body.scenarios[0]).toMatchObject({
    best: { points: 3, solved: true },
    sessionId: id,
  });

  const before = [...server.engine.records.keys()];
  expect((await learner.post(`/api/sessions/${id}/reset`)).status).toBe(202);
  await server.until(id, "ready");
  await eventually(() => expect([...server.engine.records.keys()]).not.toEqual(before));
  await eventually(() => expect(server.engine.records.size).toBe(1));
  const { attempts } = (await learner.get("/api/scenarios/one/attempts")).body;
  expect(attempts).toHaveLength(2);
  const fresh = (await learner.get(`/api/sessions/${id}`)).body;
  expect(fresh.freshAt > attempts[0].startedAt && fresh.readyAt < attempts[0].startedAt).toBe(true);

  expect((await learner.ask("DELETE", `/api/sessions/${id}`)).status).toBe(204);
  expect((await learner.get(`/api/sessions/${id}`)).body.state).toBe("ended");
  await eventually(() => expect(server.engine.records.size).toBe(0));
  expect((await learner.post(`/api/sessions/${id}/reset`)).body.error.code).toBe("session.ended");
  expect((await learner.post(`/api/sessions/${id}/check`)).status).toBe(409);
});

test("the solution and the hints are nowhere but where they are asked for", async () => {
  server = await TestServer.start();
  const id = await server.ready();
  const { learner } = server;
  const paths = [
    "/api/platform",
    "/api/scenarios",
    "/api/scenarios/one",
    "/api/scenarios/one/attempts",
    "/api/sessions",
    `/api/sessions/${id}`,
  ];
  for (const path of paths) {
    const { text } = await learner.get(path);
    expect(text).not.toContain("SECRET-SOLUTION");
    expect(text).not.toContain("hint one");
  }
  scenarioDetailSchema.strict().parse((await learner.get("/api/scenarios/one")).body);
});

test("many starts at once make one session and one sandbox", async () => {
  server = await TestServer.start({ createMs: 50 });
  const answers = await Promise.all(Array.from({ length: 10 }, () => server.learner.post("/api/sessions", { scenario: "one" })));
  expect(new Set(answers.map((one) => one.body.id)).size).toBe(1);
  expect(answers.filter((one) => one.status === 201)).toHaveLength(1);
  await server.until(answers[0]!.body.id, "ready");
  expect(server.engine.records.size).toBe(1);
});

test("a session that is someone else's does not exist", async () => {
  server = await TestServer.start();
  const id = await server.ready();
  const stranger = await server.stranger();
  expect((await stranger.get(`/api/sessions/${id}`)).status).toBe(404);
  for (const what of ["check", "reset", "hints", "solution"])
    expect((await stranger.post(`/api/sessions/${id}/${what}`)).status).toBe(404);
  expect((await stranger.ask("DELETE", `/api/sessions/${id}`)).status).toBe(404);
  expect((await stranger.post(`/api/sessions/${id}/terminals`, { host: "node01" })).status).toBe(404);
  expect((await server.learner.get(`/api/sessions/${id}`)).body).toMatchObject({ state: "ready", hints: [] });
});

test("a set-up that fails is tried once more on a fresh sandbox, before the learner hears of it", async () => {
  server = await TestServer.start({ setUpErrorOnce: new SetUpFailed("setup.sh ended with exit status 3") });
  const { seen, close } = await server.learner.events();
  const id = await server.ready();
  expect(server.engine.calls.filter((call) => call.startsWith("setUp"))).toEqual(["setUp one box-1", "setUp one box-2"]);
  await eventually(() => expect([...server.engine.records.keys()]).toEqual(["box-2"]));
  expect(server.engine.records.get("box-2")).toMatchObject({ state: "leased", leasedFor: id });
  await eventually(() => expect(seen.at(-1)).toMatchObject({ session: { state: "ready" } }));
  close();
  const told = seen.flatMap((event) => (event.type === "session" ? [event.session] : []));
  expect(told.filter(({ state, error }) => state === "failed" || error)).toEqual([]);
  expect(told.flatMap(({ phases }) => phases).filter(({ state }) => state === "failed")).toEqual([]);
});

test("a set-up that fails twice says why, its output apart, leaves no sandbox behind, and is tried again by a reset", async () => {
  server = await TestServer.start({
    setUpError: new SetUpFailed("setup.sh ended with exit status 3", { output: "Error from server" }),
  });
  const { body } = await server.learner.post("/api/sessions", { scenario: "one" });
  await server.until(body.id, "failed");
  const failed = sessionSchema.parse((await server.learner.get(`/api/sessions/${body.id}`)).body);
  expect(failed.error).toEqual({
    code: "setup.failed",
    message: "setup.sh ended with exit status 3",
    advice: "Reset the sandbox and try again",
    output: "Error from server",
  });
  expect(failed.phases.at(-1)).toMatchObject({ id: "setup", state: "failed" });
  await eventually(() => expect(server.engine.calls).toEqual(expect.arrayContaining(["remove box-1", "remove box-2"])), 5000);
  expect(server.engine.calls.filter((call) => call.startsWith("setUp"))).toHaveLength(2);
  server.behaviour.setUpError = undefined;
  await server.learner.post(`/api/sessions/${body.id}/reset`);
  await server.until(body.id, "ready");
});

test("a session whose scenario is gone says so, keeps its cluster, and can be ended", async () => {
  server = await TestServer.start();
  const { learner } = server;
  const id = await server.ready();
  await server.stop();
  server.options.catalogue = new Catalogue([fakeScenario("two")]);
  await server.start();
  await server.until(id, "ready");
  for (const action of ["reset", "check", "solution"]) {
    const refused = await server.learner.post(`/api/sessions/${id}/${action}`);
    expect(refused).toMatchObject({
      status: 409,
      body: { error: { code: "scenario.gone", message: expect.stringContaining("one") } },
    });
  }
  expect((await server.learner.get(`/api/sessions/${id}`)).body).toMatchObject({ state: "ready", checking: false });
  expect(server.engine.records.size).toBe(1);
  expect(learner.cookie).toBe(server.learner.cookie);
  expect((await server.learner.ask("DELETE", `/api/sessions/${id}`)).status).toBe(204);
  await eventually(() => expect(server.engine.records.size).toBe(0));
});

test("a fault without words of its own tells the learner no internals", async () => {
  server = await TestServer.start({ createError: new TypeError("cannot read properties of undefined (reading 'secret')") });
  const { body } = await server.learner.post("/api/sessions", { scenario: "one" });
  await server.until(body.id, "failed");
  const text = JSON.stringify((await server.learner.get(`/api/sessions/${body.id}`)).body.error);
  expect(text).toContain("session.prepare-failed");
  expect(text).not.toContain("secret");
});

test("ending and resetting stop a preparation that never ends", async () => {
  server = await TestServer.start({ createNever: true });
  const { body } = await server.learner.post("/api/sessions", { scenario: "one" });
  await eventually(() => expect(server.engine.calls).toContain("create box-1"));
  expect((await server.learner.post(`/api/sessions/${body.id}/reset`)).status).toBe(202);
  await eventually(() => expect(server.engine.calls).toContain("create box-2"));
  expect((await server.learner.ask("DELETE", `/api/sessions/${body.id}`)).status).toBe(204);
  expect((await server.learner.get(`/api/sessions/${body.id}`)).body.state).toBe("ended");
  expect(server.engine.records.size).toBe(0);
});

test("two checks at once: the second is refused, and a reset stops the first without an attempt", async () => {
  server = await TestServer.start({
    grade: (_scenario, signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")))),
  });
  const id = await server.ready();
  const first = server.learner.post(`/api/sessions/${id}/check`);
  await eventually(async () => expect((await server.learner.get(`/api/sessions/${id}`)).body.checking).toBe(true));
  expect((await server.learner.post(`/api/sessions/${id}/check`)).body.error.code).toBe("session.checking");
  await server.learner.post(`/api/sessions/${id}/reset`);
  expect((await first).body.error.code).toBe("session.check-stopped");
  expect((await server.learner.get("/api/scenarios/one/attempts")).body.attempts).toEqual([]);
});

test("a check that cannot be carried out is an error, and the next one works", async () => {
  server = await TestServer.start({ grade: async () => Promise.reject(new Error("boom")) });
  const id = await server.ready();
  const failed = await server.learner.post(`/api/sessions/${id}/check`);
  expect(failed.status).toBe(500);
  expect(failed.body.error.code).toBe("check.failed");
  server.behaviour.grade = undefined;
  expect((await server.learner.post(`/api/sessions/${id}/check`)).status).toBe(201);
});

test("a sandbox that vanishes makes its session lost, one that comes back makes it ready, and a reset gives a new one", async () => {
  server = await TestServer.start();
  const id = await server.ready();
  const [box] = [...server.engine.records.values()];
  const beside = await server.ready("two");
  const seen = await server.learner.events();
  server.engine.records.delete(box!.id);
  await server.until(id, "lost");
  expect((await server.learner.post(`/api/sessions/${id}/check`)).status).toBe(409);
  server.engine.records.set(box!.id, box!);
  await server.until(id, "ready");
  server.engine.records.set(box!.id, { ...box!, state: "lost" });
  await server.until(id, "lost");
  seen.close();
  const states = seen.seen.flatMap((event) =>
    event.type === "session" && event.session.id === beside ? event.session.state : [],
  );
  expect([...new Set(states)], "another session").toEqual(["ready"]);
  await server.learner.post(`/api/sessions/${id}/reset`);
  await server.until(id, "ready");
  await eventually(() => expect(server.engine.records.has(box!.id)).toBe(false));
});

test("an engine that dies makes sessions lost; when it is back they are ready again", async () => {
  server = await TestServer.start();
  const id = await server.ready();
  server.behaviour.down = true;
  await server.until(id, "lost");
  expect((await server.learner.get(`/api/sessions/${id}`)).body.error.code).toBe("engine.silent");
  expect((await server.learner.get("/api/scenarios")).status).toBe(200);
  server.behaviour.down = false;
  await server.until(id, "ready");
});

test("an engine that hangs makes sessions lost, but only after a while, and is not asked twice at a time", async () => {
  server = await TestServer.start();
  const id = await server.ready();
  server.behaviour.hangs = true;
  await new Promise((next) => setTimeout(next, 300));
  expect((await server.learner.get(`/api/sessions/${id}`)).body.state).toBe("ready");
  await server.until(id, "lost");
  server.behaviour.hangs = false;
  await server.until(id, "ready");
});

test("a sandbox that the engine does not show for a moment is not lost", async () => {
  server = await TestServer.start();
  const id = await server.ready();
  const { seen, close } = await server.learner.events();
  const [box] = [...server.engine.records.values()];
  server.engine.records.delete(box!.id);
  await new Promise((next) => setTimeout(next, 200));
  server.engine.records.set(box!.id, box!);
  await new Promise((next) => setTimeout(next, 800));
  expect(seen.filter((event) => event.type === "session" && event.session.state !== "ready")).toEqual([]);
  expect((await server.learner.get(`/api/sessions/${id}`)).body.state).toBe("ready");
  close();
});

test("events tell the present state first, then every change, and nobody else's", async () => {
  server = await TestServer.start();
  const id = await server.ready();
  const own = await server.learner.events();
  const other = await (await server.stranger()).events();
  await eventually(() => expect(own.seen.map((event) => event.type)).toEqual(["platform", "session"]));
  await server.learner.post(`/api/sessions/${id}/check`);
  await eventually(() => expect(own.seen.map((event) => event.type)).toContain("attempt"));
  await eventually(() => expect(own.seen.at(-1)).toMatchObject({ type: "session", session: { checking: false } }));
  expect(own.seen.some((event) => event.type === "session" && event.session.checking)).toBe(true);
  expect(other.seen.map((event) => event.type)).toEqual(["platform"]);
  own.close();
  other.close();
});

test("a machine that could not be prepared can be prepared again without a restart", async () => {
  server = await TestServer.start({
    prepareError: new DrydockError("image.failed", "The node image could not be built", { advice: "Free some space" }),
  });
  const platform = async () => (await server.learner.get("/api/platform")).body;
  await eventually(async () =>
    expect(await platform()).toMatchObject({ state: "failed", error: { code: "image.failed", advice: "Free some space" } }),
  );
  const refused = await server.learner.post("/api/sessions", { scenario: "one" });
  expect(refused).toMatchObject({ status: 503, body: { error: { code: "platform.failed" } } });
  server.behaviour.prepareError = undefined;
  expect((await server.learner.post("/api/platform/retry")).status).toBe(202);
  await eventually(async () => expect((await platform()).state).toBe("ready"));
  await server.ready();
});

test("a task can be started while the machine is being prepared, and waits for it", async () => {
  server = await TestServer.start({ prepareMs: 300 });
  const { body } = await server.learner.post("/api/sessions", { scenario: "one" });
  await eventually(async () => {
    const session = (await server.learner.get(`/api/sessions/${body.id}`)).body;
    expect(session.phases[0]).toMatchObject({ id: "machine", state: "running" });
  });
  await server.until(body.id, "ready");
});

test("a restart keeps sessions: frozen until somebody uses them again; orphans are removed", async () => {
  server = await TestServer.start();
  const kept = await server.ready("one");
  const vanishing = await server.ready("two");
  const boxes = [...server.engine.records.values()];
  await server.stop();
  expect(boxes.map((box) => server.engine.records.get(box.id)!.frozen)).toEqual([true, true]);
  const lost = boxes.find((box) => box.leasedFor === vanishing)!;
  server.engine.records.delete(lost.id);
  const orphan = { ...lost, id: "orphan", leasedFor: "nobody" };
  server.engine.records.set("orphan", orphan);
  server.engine.records.set("foreign", { ...orphan, id: "foreign", owner: "cli" });
  server.engine.records.set("half", { ...orphan, id: "half", state: "creating" });
  await server.start();
  await server.until(kept, "ready");
  await server.until(vanishing, "lost");
  await eventually(() =>
    expect([...server.engine.records.keys()].sort()).toEqual([boxes.find((box) => box.leasedFor === kept)!.id, "foreign"].sort()),
  );
  expect((await server.learner.get(`/api/sessions/${kept}`)).body.power).toBe("frozen");
  expect((await server.learner.post(`/api/sessions/${kept}/check`)).status).toBe(201);
  expect((await server.learner.get(`/api/sessions/${kept}`)).body.power).toBe("awake");
  expect(server.engine.records.get(boxes[0]!.id)!.frozen).toBe(false);
});

test("a preparation that a crash interrupted is done anew, and its sandbox removed", async () => {
  server = await TestServer.start({ createNever: true });
  const { body } = await server.learner.post("/api/sessions", { scenario: "one" });
  await server.stop();
  server.engine.records.set("late", {
    id: "late",
    topology: "two-node",
    owner: "server",
    state: "leased",
    frozen: false,
    createdAt: "",
    leasedFor: body.id,
  });
  server.behaviour.createNever = false;
  await server.start();
  await server.until(body.id, "ready");
  await eventually(() => expect([...server.engine.records.keys()]).not.toContain("late"));
});

test("the pool keeps sandboxes frozen, hands one out awake and makes the next", async () => {
  server = await TestServer.start({}, { poolSize: 1 });
  const pooled = { state: "ready", frozen: true };
  await eventually(() => expect([...server.engine.records.values()]).toMatchObject([pooled, pooled]));
  const [waiting] = [...server.engine.records.values()].filter(({ topology }) => topology === "two-node");
  const id = await server.ready("one");
  expect(server.engine.records.get(waiting!.id)).toMatchObject({ state: "leased", leasedFor: id, frozen: false });
  await eventually(() => expect(server.engine.records.size).toBe(3));
  await server.stop();
  await server.start();
  await server.until(id, "ready");
  expect(server.engine.records.size).toBe(3);
});

test("a scenario that was removed keeps its sessions readable", async () => {
  server = await TestServer.start();
  const id = await server.ready("two");
  await server.stop();
  server.options.catalogue = new Catalogue([fakeScenario("one")]);
  await server.start();
  expect((await server.learner.get("/api/sessions")).body.sessions[0]).toMatchObject({ id, hints: [], hintCount: 0 });
  expect((await server.learner.post(`/api/sessions/${id}/check`)).body).toMatchObject({ error: { code: "scenario.gone" } });
});

test("a disk that fills up while a session is prepared says so, and a reset works when there is room again", async () => {
  server = await TestServer.start({ createMs: 200 });
  const { body } = await server.learner.post("/api/sessions", { scenario: "one" });
  const { sessions, attempts } = server.store;
  const full = async () => Promise.reject(new DrydockError("store.full", "The disk is full", { advice: "Free some space" }));
  const update = sessions.update.bind(sessions);
  sessions.update = full;
  await server.until(body.id, "failed");
  expect((await server.learner.get(`/api/sessions/${body.id}`)).body.error).toMatchObject({
    code: "store.full",
    advice: "Free some space",
  });
  expect(await server.learner.post(`/api/sessions/${body.id}/reset`)).toMatchObject({
    status: 507,
    body: { error: { code: "store.full" } },
  });
  sessions.update = update;
  await server.learner.post(`/api/sessions/${body.id}/reset`);
  await server.until(body.id, "ready");
  attempts.insert = full;
  expect((await server.learner.post(`/api/sessions/${body.id}/check`)).status).toBe(507);
  expect((await server.learner.get(`/api/sessions/${body.id}`)).body).toMatchObject({ state: "ready", checking: false });
});
