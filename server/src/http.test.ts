import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { errorSchema } from "./contract.ts";
import { TestServer } from "./testing/test-server.ts";

let server: TestServer;
let session: string;
let terminal: string;
let port: string;
beforeAll(async () => {
  server = await TestServer.start();
  session = await server.ready();
  terminal = (await server.learner.post(`/api/sessions/${session}/terminals`, { host: "node01" })).body.id;
  port = new URL(server.server.url).port;
});
afterAll(() => server.end());

/** `PORT` stands for the server's. */
const LOOK_ALIKES = [
  "evil.example",
  "evil.example:PORT",
  "127.0.0.1.evil.example:PORT",
  "localhost.evil.example:PORT",
  "evil.example:PORT@127.0.0.1",
  "127.0.0.1",
  "127.0.0.1:1",
  "127.0.0.1:PORT0",
  "127.0.0.1:PORT.",
  "127.0.0.2:PORT",
  "0.0.0.0:PORT",
  "localhost.:PORT",
  "2130706433:PORT",
  "127.1:PORT",
  "[::ffff:127.0.0.1]:PORT",
  "127.0.0.1:PORT, evil.example",
  " ",
];
const OWN_HOSTS = ["127.0.0.1:PORT", "localhost:PORT", "LOCALHOST:PORT", "[::1]:PORT"];
const FOREIGN_ORIGINS = [
  undefined,
  "null",
  "",
  "http://evil.example",
  "http://127.0.0.1",
  "https://127.0.0.1:PORT",
  "http://127.0.0.1:1",
  "http://127.0.0.1:PORT.evil.example",
  "http://127.0.0.1:PORT/",
  "http://localhost.evil.example:PORT",
  "http://evil.example#127.0.0.1:PORT",
  "http://user@127.0.0.1:PORT",
  "file://",
  "127.0.0.1:PORT",
];
const ported = (text: string | undefined) => text?.replaceAll("PORT", port);

/**
 * Opens the terminal's stream and tells how that ended: the status of the refusal, the close code,
 * or `open`.
 */
function upgrade(
  headers: Record<string, string | undefined>,
  path = `/api/sessions/${session}/terminals/${terminal}/stream?cols=80&rows=24`,
): Promise<number | "open"> {
  const socket = server.learner.stream(path, headers);
  return new Promise((resolve) => {
    socket.on("error", () => undefined);
    socket.on("unexpected-response", (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on("close", (code) => resolve(code));
    socket.on("open", () => {
      const timer = setTimeout(() => {
        resolve("open");
        socket.terminate();
      }, 300);
      socket.on("close", () => clearTimeout(timer));
    });
  });
}

describe("a Host that is not ours", () => {
  test.each(LOOK_ALIKES)("%s is refused, for the page, the API and a terminal", async (host) => {
    const headers = { host: ported(host) };
    for (const path of ["/", "/api/platform", "/api/events", `/api/sessions/${session}`]) {
      expect((await server.learner.ask("GET", path, { headers })).status).toBe(403);
    }
    expect((await server.learner.ask("POST", `/api/sessions/${session}/hints`, { headers, body: {} })).status).toBe(403);
    expect(await upgrade(headers)).toBe(403);
  });
  test.each(OWN_HOSTS)("%s is ours", async (host) => {
    expect((await server.learner.ask("GET", "/api/platform", { headers: { host: ported(host) } })).status).toBe(200);
  });
});

describe("an Origin that is not ours", () => {
  test.each(FOREIGN_ORIGINS)("%s may neither change anything nor open a terminal", async (origin) => {
    const headers = { origin: ported(origin) };
    const answer = await server.learner.ask("POST", `/api/sessions/${session}/hints`, { headers, body: {} });
    expect(answer.status).toBe(403);
    errorSchema.parse(answer.body);
    expect((await server.learner.ask("DELETE", `/api/sessions/${session}`, { headers })).status).toBe(403);
    if (origin) expect((await server.learner.ask("GET", "/api/platform", { headers })).status).toBe(403);
    expect(await upgrade(headers)).toBe(403);
    expect((await server.learner.get(`/api/sessions/${session}`)).body).toMatchObject({ state: "ready", hints: [] });
  });
  test("our own page's may, by each of our names", async () => {
    for (const host of OWN_HOSTS) expect(await upgrade({ origin: `http://${ported(host)}` })).toBe("open");
  });
});

describe("a request that is not as the contract says", () => {
  test.each([
    ["POST", "/api/sessions", { scenario: 7 }, 400, "request.invalid", "scenario"],
    ["POST", "/api/sessions", {}, 400, "request.invalid", "scenario"],
    ["POST", "/api/sessions", { scenario: "one", more: 1 }, 400, "request.invalid", "more"],
    ["POST", "/api/sessions", [], 400, "request.invalid", ""],
    ["POST", "/api/sessions", { scenario: "x".repeat(101) }, 400, "request.invalid", "scenario"],
    ["POST", "/api/sessions", { scenario: "none-such" }, 404, "scenario.unknown", "none-such"],
    ["POST", "/api/sessions", { scenario: "../../etc" }, 404, "scenario.unknown", ""],
    ["POST", "/api/sessions", { scenario: "__proto__" }, 404, "scenario.unknown", ""],
    ["POST", "/api/sessions/none/check", {}, 404, "session.unknown", ""],
    ["POST", "/api/sessions/%00/check", {}, 404, "session.unknown", ""],
    ["POST", "/api/sessions/%E0%A4%A/check", {}, 400, "request.invalid", ""],
    ["GET", "/api/sessions/none", undefined, 404, "session.unknown", ""],
    ["DELETE", "/api/sessions/none", undefined, 404, "session.unknown", ""],
    ["GET", "/api/scenarios/none/attempts", undefined, 404, "scenario.unknown", ""],
    ["POST", "/api/platform/retry", { force: true }, 400, "request.invalid", "force"],
    ["GET", "/api/none", undefined, 404, "request.unknown", ""],
    ["PUT", "/api/sessions", {}, 404, "request.unknown", ""],
  ])("%s %s %j is a %i %s", async (method, path, body, status, code, words) => {
    const answer = await server.learner.ask(method, path, { body });
    expect(answer.status).toBe(status);
    expect(errorSchema.strict().parse(answer.body).error.code).toBe(code);
    expect(answer.body.error.message).toContain(words);
  });

  test("a check's body must be an empty object, and a terminal's host one of the sandbox", async () => {
    const at = `/api/sessions/${session}`;
    expect((await server.learner.post(`${at}/check`, { points: 3 })).status).toBe(400);
    expect((await server.learner.post(`${at}/terminals`, { host: "node99" })).body.error.code).toBe("terminal.unknown-host");
    expect((await server.learner.post(`${at}/terminals`, { host: "" })).status).toBe(400);
    expect((await server.learner.ask("DELETE", `${at}/terminals/none`)).body.error.code).toBe("terminal.unknown");
  });

  test("a body that is too large, not JSON, or of another type", async () => {
    const large = await server.learner.ask("POST", "/api/sessions", { raw: JSON.stringify({ scenario: "x".repeat(70_000) }) });
    expect(large).toMatchObject({ status: 413, body: { error: { code: "request.too-large" } } });
    expect((await server.learner.ask("POST", "/api/sessions", { raw: "{" })).status).toBe(400);
    expect((await server.learner.ask("POST", "/api/sessions", { raw: "null" })).status).toBe(400);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", undefined]) {
      const answer = await server.learner.ask("POST", "/api/sessions", {
        raw: '{"scenario":"one"}',
        headers: { "content-type": type },
      });
      expect(answer.status).toBe(415);
    }
    expect(
      (
        await server.learner.ask("POST", "/api/sessions", {
          raw: '{"scenario":"one"}',
          headers: { "content-type": "application/json; charset=iso-8859-1" },
        })
      ).status,
    ).toBe(415);
  });

  test("none of it changed anything", async () => {
    expect((await server.learner.get("/api/sessions")).body.sessions).toHaveLength(1);
    expect(server.engine.records.size).toBe(1);
  });
});

describe("a terminal's stream", () => {
  const at = (path: string) => path.replace("SESSION", session).replace("TERMINAL", terminal);
  test.each([
    ["/api/sessions/SESSION/terminals/none/stream?cols=80&rows=24", 4404],
    ["/api/sessions/none/terminals/TERMINAL/stream?cols=80&rows=24", 4401],
    ["/api/sessions/SESSION/terminals/TERMINAL/stream", 4400],
    ["/api/sessions/SESSION/terminals/TERMINAL/stream?cols=0&rows=24", 4400],
    ["/api/sessions/SESSION/terminals/TERMINAL/stream?cols=501&rows=24", 4400],
    ["/api/sessions/SESSION/terminals/TERMINAL/stream?cols=x&rows=24", 4400],
    ["/api/none", 404],
    ["/", 404],
  ])("at %s is closed with %i", async (path, code) => {
    expect(await upgrade({}, at(path))).toBe(code);
  });

  test("of someone else's session is closed with 4401", async () => {
    const stranger = await server.stranger();
    expect(await upgrade({ cookie: stranger.cookie })).toBe(4401);
    expect(await upgrade({ cookie: undefined })).toBe(4401);
    expect(await upgrade({ cookie: "drydock_learner=" })).toBe(4401);
  });

  test.each([
    ["a text that is no JSON", "{", 1008],
    ["an unknown type", '{"type":"exec","data":"id"}', 1008],
    ["one field too many", '{"type":"ack","bytes":1,"more":1}', 1008],
    ["a negative acknowledgement", '{"type":"ack","bytes":-1}', 1008],
    ["a size out of bounds", '{"type":"resize","cols":100000,"rows":24}', 1008],
    ["a size that is no number", '{"type":"resize","cols":"80","rows":24}', 1008],
    ["a binary frame that is too large", Buffer.alloc(256 * 1024 + 1), 1009],
    ["a text frame that is too large", " ".repeat(300 * 1024), 1009],
    ["one of 10 MiB", Buffer.alloc(10 * 1024 * 1024), 1009],
  ])("with %s closes its own socket and no other", async (_title, frame, code) => {
    const path = at("/api/sessions/SESSION/terminals/TERMINAL/stream?cols=80&rows=24");
    const other = server.learner.stream(path);
    await new Promise((resolve) => other.on("open", resolve));
    const bad = server.learner.stream(path);
    bad.on("error", () => undefined);
    const closed = new Promise((resolve) => bad.on("close", resolve));
    bad.on("open", () => bad.send(frame));
    expect(await closed).toBe(code);
    expect(other.readyState).toBe(other.OPEN);
    other.terminate();
  });

  test("a request line that is no HTTP harms nobody", async () => {
    const raw = connect(Number(port), "127.0.0.1");
    raw.on("error", () => undefined).resume();
    raw.write("\x16\x03\x01 not http\r\n\r\n");
    await new Promise((resolve) => raw.on("close", resolve));
    expect((await server.learner.get("/api/platform")).status).toBe(200);
  });
});

describe("headers", () => {
  test("the cookie is for this site's requests only, and comes once", async () => {
    const stranger = await server.stranger();
    expect(stranger.cookie).toMatch(/^drydock_learner=[\w-]{43}$/);
    const again = await stranger.get("/api/platform");
    expect(again.headers["set-cookie"]).toBeUndefined();
    const first = await (await server.stranger()).ask("GET", "/api/platform", { headers: { cookie: "drydock_learner=short" } });
    expect(first.headers["set-cookie"]?.[0]).toMatch(/HttpOnly; SameSite=Strict/);
  });

  test("the page is served with a policy that runs no inline script, hashed files are kept, and its paths fall back to it", async () => {
    const unbuilt = await server.learner.get("/");
    expect(unbuilt.status).toBe(503);
    expect(unbuilt.text).toContain("npm start");
    const dir = join(server.dataDir, "page");
    mkdirSync(join(dir, "assets"), { recursive: true });
    writeFileSync(join(dir, "index.html"), "<p>page</p>");
    writeFileSync(join(dir, "assets/app-1234.js"), "1");
    for (const path of ["/", "/tasks/one", "/a/b?c"]) {
      const page = await server.learner.get(path);
      expect(page.text).toBe("<p>page</p>");
      expect(page.headers["cache-control"]).toBe("no-cache");
      expect(page.headers["content-security-policy"]).toMatch(/script-src 'self';/);
      expect(page.headers["x-content-type-options"]).toBe("nosniff");
    }
    expect((await server.learner.get("/assets/app-1234.js")).headers["cache-control"]).toBe(
      "public, max-age=31536000, immutable",
    );
    expect((await server.learner.get("/assets/none.js")).status).toBe(404);
    expect((await server.learner.get("/..%2f..%2fserver.log")).text).not.toContain("pid");
    expect((await server.learner.get("/api/platform")).headers["cache-control"]).toBe("no-store");
  });
});
