import { afterEach, expect, test } from "vitest";
import { DrydockError } from "../../labs/src/errors.ts";
import { parsePrometheus } from "../../labs/src/status/prometheus.ts";
import { Client } from "./testing/client.ts";
import { fakeReport } from "./testing/fake-lab.ts";
import { eventually, TestServer } from "./testing/test-server.ts";
import { TestWindow } from "./testing/window.ts";

let server: TestServer;
afterEach(() => server.end());

/** The value of one series, undefined where it is not told. */
async function read(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
  const { text } = await server.learner.get("/metrics");
  const wanted = Object.entries(labels);
  return parsePrometheus(text).find((one) => one.name === name && wanted.every(([key, value]) => one.labels[key] === value))
    ?.value;
}

test("metrics are told in the format of Prometheus to whoever may open the page, without a cookie, and say nothing of anybody", async () => {
  server = await TestServer.start();
  const session = await server.ready();
  const terminal = (await server.learner.post(`/api/sessions/${session}/terminals`, { host: "node01" })).body.id;
  await server.learner.post(`/api/sessions/${session}/check`);
  const anybody = new Client(server.server.url);
  const answer = await anybody.get("/metrics");
  expect(answer.status).toBe(200);
  expect(answer.headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(answer.headers["set-cookie"]).toBeUndefined();
  const [box] = [...server.engine.records.keys()];
  const cookie = server.learner.cookie.split("=")[1]!;
  for (const secret of [session, terminal, box!, cookie]) expect(answer.text).not.toContain(secret);
  for (const headers of [{ host: "evil.example" }, { origin: "http://evil.example" }]) {
    expect((await anybody.ask("GET", "/metrics", { headers })).status).toBe(403);
  }
});

test("sandboxes, sessions and terminals are counted by their state", async () => {
  server = await TestServer.start({ createNever: true });
  await eventually(async () => expect((await server.learner.get("/api/platform")).body.state).toBe("ready"));
  const session = (await server.learner.post("/api/sessions", { scenario: "one" })).body.id as string;
  await eventually(async () => expect(await read("drydock_sandboxes", { state: "creating", frozen: "false" })).toBe(1));
  expect(await read("drydock_sessions", { state: "preparing" })).toBe(1);
  server.behaviour.createNever = false;
  await server.learner.post(`/api/sessions/${session}/reset`);
  await server.until(session, "ready");
  await server.learner.post(`/api/sessions/${session}/terminals`, { host: "node01" });
  expect(await read("drydock_sandboxes", { state: "creating", frozen: "false" })).toBe(0);
  expect(await read("drydock_sandboxes", { state: "leased", frozen: "false" })).toBe(1);
  expect(await read("drydock_sessions", { state: "ready" })).toBe(1);
  expect(await read("drydock_terminals")).toBe(1);
  expect(await read("drydock_terminal_windows")).toBe(0);
  expect(await read("drydock_queue_length")).toBe(0);
  await server.learner.ask("DELETE", `/api/sessions/${session}`);
  await eventually(async () => expect(await read("drydock_sandboxes", { state: "leased", frozen: "false" })).toBe(0));
  expect(await read("drydock_sessions", { state: "ready" })).toBe(0);
  expect(await read("drydock_terminals")).toBe(0);
});

/**
 * A keeper that greets, and whose shell has printed five bytes. It lives as long as somebody
 * listens.
 */
const KEEPER = `
  const frame = (kind, payload) => Buffer.concat([Buffer.from(kind), Buffer.from([0, 0, 0, payload.length]), payload]);
  const hello = { pid: 1, startedAt: "", first: 0, end: 0, cols: 80, rows: 24 };
  process.stdout.write(frame("h", Buffer.from(JSON.stringify(hello))));
  process.stdout.write(frame("o", Buffer.concat([Buffer.alloc(8), Buffer.from("hello")])));
  process.stdin.resume().on("end", () => process.exit());
`;

test("windows that look at a terminal, and what its shell prints, are counted", async () => {
  server = await TestServer.start({ shellCommand: () => ({ file: process.execPath, args: ["-e", KEEPER], env: {} }) });
  const session = await server.ready();
  const terminal = (await server.learner.post(`/api/sessions/${session}/terminals`, { host: "node01" })).body.id;
  const windows = [
    await TestWindow.open(server.learner, session, terminal),
    await TestWindow.open(server.learner, session, terminal),
  ];
  expect(await read("drydock_terminal_windows")).toBe(2);
  expect(await read("drydock_terminals")).toBe(1);
  await eventually(async () => expect(await read("drydock_terminal_output_bytes_total")).toBe(5));
  const streams = { method: "GET", route: "/api/sessions/:id/terminals/:terminal/stream", status: "1xx" };
  expect(await read("drydock_http_requests_total", streams)).toBe(2);
  for (const window of windows) await window.close();
  await eventually(async () => expect(await read("drydock_terminal_windows")).toBe(0));
});

test("sessions that wait for their turn are counted", async () => {
  server = await TestServer.start({ createNever: true });
  await eventually(async () => expect((await server.learner.get("/api/platform")).body.state).toBe("ready"));
  for (const client of [server.learner, await server.stranger(), await server.stranger()]) {
    await client.post("/api/sessions", { scenario: "one" });
  }
  await eventually(async () => expect(await read("drydock_queue_length")).toBe(1));
});

test("how long sessions, set-ups and checks take is measured", async () => {
  server = await TestServer.start({ createMs: 100 });
  const session = await server.ready();
  await server.learner.post(`/api/sessions/${session}/check`);
  server.behaviour.grade = async (scenario) => fakeReport(scenario, "passed");
  await server.learner.post(`/api/sessions/${session}/check`);
  expect(await read("drydock_lease_duration_seconds_count", { source: "made" })).toBe(1);
  expect(await read("drydock_lease_duration_seconds_sum", { source: "made" })).toBeGreaterThanOrEqual(0.1);
  expect(await read("drydock_setup_duration_seconds_count")).toBe(1);
  expect(await read("drydock_check_duration_seconds_count", { scenario: "one", verdict: "failed" })).toBe(1);
  expect(await read("drydock_check_duration_seconds_count", { scenario: "one", verdict: "passed" })).toBe(1);
});

test("a session whose sandbox came from the pool is told from one whose sandbox was made", async () => {
  server = await TestServer.start({}, { poolSize: 1, maxSandboxes: 1 });
  await eventually(async () => expect(await read("drydock_sandboxes", { state: "ready", frozen: "true" })).toBe(1));
  const id = await server.ready("one");
  expect(await read("drydock_lease_duration_seconds_count", { source: "pool" })).toBe(1);
  await server.learner.ask("DELETE", `/api/sessions/${id}`);
  await server.ready("two");
  expect(await read("drydock_lease_duration_seconds_count", { source: "made" })).toBe(1);
});

test("what goes wrong is counted by its code", async () => {
  server = await TestServer.start({ setUpError: new DrydockError("setup.failed", "setup.sh ended") });
  const { id } = (await server.learner.post("/api/sessions", { scenario: "one" })).body;
  await server.until(id, "failed");
  expect(await read("drydock_errors_total", { code: "setup.failed" })).toBe(1);

  server.behaviour.setUpError = undefined;
  await server.learner.post(`/api/sessions/${id}/reset`);
  await server.until(id, "ready");

  server.behaviour.grade = async (scenario) => fakeReport(scenario, "error");
  await server.learner.post(`/api/sessions/${id}/check`);
  expect(await read("drydock_errors_total", { code: "check.unjudged" })).toBe(1);
  server.behaviour.grade = () => Promise.reject(new Error("boom"));
  await server.learner.post(`/api/sessions/${id}/check`);
  expect(await read("drydock_errors_total", { code: "check.failed" })).toBe(1);

  server.behaviour.down = true;
  await server.until(id, "lost");
  expect(await read("drydock_errors_total", { code: "engine.silent" })).toBeGreaterThanOrEqual(2);
});

test("a pool that could not be filled is counted", async () => {
  server = await TestServer.start({ createError: new DrydockError("cluster.failed", "kind ended with 1") }, { poolSize: 1 });
  await eventually(async () => expect(await read("drydock_errors_total", { code: "cluster.failed" })).toBe(1));
});

test("a machine that could not be prepared is counted", async () => {
  server = await TestServer.start({ prepareError: new DrydockError("image.failed", "The node image could not be built") });
  await eventually(async () => expect(await read("drydock_errors_total", { code: "image.failed" })).toBe(1));
});

test("requests are counted by pattern and class of status, never by path", async () => {
  server = await TestServer.start();
  const session = await server.ready();
  for (const path of ["/api/sessions/none", "/api/sessions/none-either", "/api/none", "/some/page"])
    await server.learner.get(path);
  const count = (route: string, status: string, method = "GET") => read("drydock_http_requests_total", { method, route, status });
  expect(await count("/api/sessions/:id", "4xx")).toBe(2);
  expect(await count("/api/sessions/:id", "2xx")).toBeGreaterThan(0);
  expect(await count("/api/sessions", "2xx", "POST")).toBe(1);
  expect(await count("other", "4xx")).toBe(1);
  expect(await count("page", "5xx")).toBe(1);
  expect((await server.learner.get("/metrics")).text).not.toContain(session);
});

test("an engine that hangs holds nobody up who asks for the metrics; they say how old the answer is", async () => {
  server = await TestServer.start();
  await server.ready();
  const name = "drydock_sandboxes_seen_timestamp_seconds";
  await eventually(async () => expect(await read(name)).toBeGreaterThan(Date.now() / 1000 - 60));
  server.behaviour.hangs = true;
  // Answered while the engine hangs.
  expect(await read("drydock_sandboxes", { state: "leased", frozen: "false" })).toBe(1);
  const before = await read(name);
  await new Promise((next) => setTimeout(next, 200));
  expect(await read(name)).toBe(before);
  server.behaviour.hangs = false;
});

test("of the process there is what Prometheus expects, and each server has its own", async () => {
  server = await TestServer.start();
  const other = await TestServer.start();
  await server.ready();
  for (const name of ["process_cpu_seconds_total", "process_resident_memory_bytes", "nodejs_eventloop_lag_p99_seconds"]) {
    expect(await read(name)).toBeTypeOf("number");
  }
  expect((await other.learner.get("/metrics")).text).not.toContain('drydock_lease_duration_seconds_count{source="made"}');
  await other.end();
});
