import type { IncomingMessage } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { eventually, TestServer } from "../testing/test-server.ts";
import { createOrigins } from "./origin.ts";

const request = (remoteAddress: string, headers: Record<string, string> = {}) =>
  ({ socket: { remoteAddress }, connection: { remoteAddress }, headers }) as unknown as IncomingMessage;

describe("the address that is counted", () => {
  test.each([
    ["203.0.113.9", "203.0.113.9"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2:ffff::1", "2001:db8:1:2"],
    ["2001:0DB8::1", "2001:db8:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["127.0.0.1", undefined],
    ["::1", undefined],
    ["::ffff:127.0.0.1", undefined],
  ])("of %s is %s", (remote, counted) => {
    expect(createOrigins([]).addressOf(request(remote))).toBe(counted);
  });

  test("is what a proxy says that is believed, and not what others say", () => {
    const headers = { "x-forwarded-for": "198.51.100.1, 203.0.113.5" };
    expect(createOrigins([]).addressOf(request("10.0.0.2", headers))).toBe("10.0.0.2");
    const origins = createOrigins(["10.0.0.0/8"]);
    expect(origins.addressOf(request("10.0.0.2", headers)), "the last one before the proxy; the first says the client").toBe(
      "203.0.113.5",
    );
    expect(origins.addressOf(request("192.0.2.1", headers))).toBe("192.0.2.1");
    expect(createOrigins(["10.0.0.0/8", "203.0.113.5"]).addressOf(request("10.0.0.2", headers))).toBe("198.51.100.1");
  });
});

describe("behind https", () => {
  let server: TestServer;
  afterEach(() => server.end());
  const https = { "x-forwarded-proto": "https" };
  const cookies = async (headers: Record<string, string> = {}) =>
    ((await server.learner.ask("GET", "/api/platform", { headers: { cookie: undefined, ...headers } })).headers["set-cookie"] ??
      []) as string[];

  test("the cookie is Secure and of this host alone, where a proxy that is believed says https", async () => {
    server = await TestServer.start({}, { proxies: ["127.0.0.1"] });
    const [cookie, ...more] = await cookies(https);
    expect(cookie).toMatch(/^__Host-drydock_learner=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/);
    expect(more).toEqual([]);
    expect(await cookies({ "x-forwarded-proto": "http" })).toEqual([
      expect.stringMatching(/^drydock_learner=[\w-]{43};(?!.*Secure)/),
    ]);
    expect(await cookies({ ...https, cookie: cookie!.split(";")[0]! })).toEqual([]);
  });

  test("a header of who is no such proxy changes nothing", async () => {
    server = await TestServer.start({}, { proxies: ["10.0.0.1"] });
    expect(await cookies(https)).toEqual([expect.stringMatching(/^drydock_learner=/)]);
  });

  test("a cookie of before goes over into a safe one, and the learner keeps everything", async () => {
    server = await TestServer.start({}, { proxies: ["127.0.0.1"] });
    const id = await server.ready();
    const before = server.learner.cookie;
    const moved = await cookies({ ...https, cookie: before });
    expect(moved).toEqual([
      expect.stringMatching(new RegExp(`^__Host-${before};.*; Secure$`)),
      expect.stringMatching(/^drydock_learner=; .*Max-Age=0$/),
    ]);
    const after = moved[0]!.split(";")[0]!;
    const own = await server.learner.ask("GET", "/api/sessions", { headers: { ...https, cookie: after } });
    expect(own.body.sessions).toMatchObject([{ id }]);
    expect(await cookies({ ...https, cookie: after })).toEqual([]);
    // Set from another page of the same domain, it counts for nothing beside the safe one.
    const other = (await server.stranger()).cookie;
    const both = await server.learner.ask("GET", "/api/sessions", { headers: { ...https, cookie: `${other}; ${after}` } });
    expect(both.body.sessions).toMatchObject([{ id }]);
    server.learner.cookie = after;
    const terminal = (await server.learner.post(`/api/sessions/${id}/terminals`, { host: "node01" })).body.id as string;
    const socket = server.learner.stream(`/api/sessions/${id}/terminals/${terminal}/stream?cols=80&rows=24`, { cookie: after });
    socket.on("error", () => undefined);
    await eventually(async () => expect((await server.learner.get("/metrics")).text).toMatch(/^drydock_terminal_windows 1$/m));
    socket.terminate();
  });
});
