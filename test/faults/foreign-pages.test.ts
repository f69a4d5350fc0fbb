import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TestServer } from "../../server/src/testing/test-server.ts";
import { sendRaw } from "./support/raw-http.ts";

let server: TestServer;
let session: string;
let terminal: string;
let port: number;
/** How often somebody tried to reach a shell. */
let shells = 0;

beforeAll(async () => {
  server = await TestServer.start({
    shellCommand: () => {
      shells += 1;
      return { file: "/bin/false", args: [], env: {} };
    },
  });
  port = Number(new URL(server.server.url).port);
});
beforeEach(async () => {
  shells = 0;
  if (session && (await isUntouched())) return;
  // The first, or what was let in before has changed it.
  if (session) await server.learner.ask("DELETE", `/api/sessions/${session}`);
  session = await server.ready();
  terminal = (await server.learner.post(`/api/sessions/${session}/terminals`, { host: "node01" })).body.id;
});
afterAll(() => server.end());

/** `PORT` stands for the server's. What is refused by its syntax alone is refused with 400. */
const FOREIGN_HOSTS: Record<string, string[]> = {
  "none at all": [],
  "an empty one": ["Host: "],
  "a foreign one": ["Host: evil.example"],
  "a foreign one at our port": ["Host: evil.example:PORT"],
  "a look-alike with localhost in it": ["Host: localhost.evil.example:PORT"],
  "a look-alike with our address in it": ["Host: 127.0.0.1.evil.example:PORT"],
  "a look-alike that ends with ours": ["Host: evil-localhost:PORT"],
  "a name below ours": ["Host: evil.localhost:PORT"],
  "a name that resolves to the loopback": ["Host: localtest.me:PORT"],
  "our name at another port": ["Host: localhost:1"],
  "our name with no port": ["Host: localhost"],
  "our port, and more": ["Host: localhost:PORT0"],
  "our port, written otherwise": ["Host: localhost:0PORT"],
  "our name with a trailing dot": ["Host: localhost.:PORT"],
  "our address with a trailing dot": ["Host: 127.0.0.1.:PORT"],
  "our address without its zeros": ["Host: 127.1:PORT"],
  "our address as a number": ["Host: 2130706433:PORT"],
  "our address in hexadecimal": ["Host: 0x7f.0.0.1:PORT"],
  "another address of the loopback": ["Host: 127.0.0.2:PORT"],
  "the address that is none": ["Host: 0.0.0.0:PORT"],
  "IPv6, at no port": ["Host: [::1]"],
  "IPv6, at another port": ["Host: [::1]:1"],
  "IPv6, written out": ["Host: [0:0:0:0:0:0:0:1]:PORT"],
  "IPv6, without brackets": ["Host: ::1:PORT"],
  "IPv6, with a zone": ["Host: [::1%25lo]:PORT"],
  "IPv6, of our IPv4": ["Host: [::ffff:127.0.0.1]:PORT"],
  "the address that is none, in IPv6": ["Host: [::]:PORT"],
  "a user before it": ["Host: user@localhost:PORT"],
  "ours as a user": ["Host: localhost:PORT@evil.example"],
  "a path behind it": ["Host: localhost:PORT/"],
  "a scheme before it": ["Host: http://localhost:PORT"],
  "two in one": ["Host: localhost:PORT, evil.example"],
  "two, ours last": ["Host: evil.example", "Host: localhost:PORT"],
  "two, ours first": ["Host: localhost:PORT", "Host: evil.example"],
  "a Greek letter in it": ["Host: lοcalhost:PORT"],
  "the same in Punycode": ["Host: xn--lcalhost-8ng:PORT"],
  "full-width digits": ["Host: １２７.0.0.1:PORT"],
  "an ideographic full stop": ["Host: 127。0.0.1:PORT"],
  "circled letters": ["Host: ⓛocalhost:PORT"],
  "a soft hyphen": ["Host: local\u00adhost:PORT"],
  "a zero-width space": ["Host: local\u200bhost:PORT"],
  "a NUL": ["Host: localhost:PORT\0.evil.example"],
};

const FOREIGN_ORIGINS: Record<string, string[]> = {
  "an opaque one": ["Origin: null"],
  "an empty one": ["Origin: "],
  "a foreign one": ["Origin: http://evil.example"],
  "a foreign one at our port": ["Origin: http://evil.example:PORT"],
  "a look-alike with localhost in it": ["Origin: http://localhost.evil.example:PORT"],
  "a look-alike with our address in it": ["Origin: http://127.0.0.1.evil.example:PORT"],
  "a name below ours": ["Origin: http://evil.localhost:PORT"],
  "our name at another port": ["Origin: http://localhost:1"],
  "our name with no port": ["Origin: http://localhost"],
  "our port, and more": ["Origin: http://localhost:PORT0"],
  "our name with a trailing dot": ["Origin: http://localhost.:PORT"],
  "another scheme: https": ["Origin: https://localhost:PORT"],
  "another scheme: ws": ["Origin: ws://localhost:PORT"],
  "another scheme: file": ["Origin: file://"],
  "another scheme: an extension": ["Origin: chrome-extension://localhost:PORT"],
  "no scheme": ["Origin: localhost:PORT"],
  "a path behind it": ["Origin: http://localhost:PORT/"],
  "a user before it": ["Origin: http://user@localhost:PORT"],
  "ours as a user": ["Origin: http://localhost:PORT@evil.example"],
  "ours behind a number sign": ["Origin: http://evil.example#http://localhost:PORT"],
  "ours in a query": ["Origin: http://evil.example?http://localhost:PORT"],
  "a backslash": ["Origin: http://evil.example\\@localhost:PORT"],
  "IPv6, written out": ["Origin: http://[0:0:0:0:0:0:0:1]:PORT"],
  "IPv6, of our IPv4": ["Origin: http://[::ffff:127.0.0.1]:PORT"],
  "IPv6, without brackets": ["Origin: http://::1:PORT"],
  "our address as a number": ["Origin: http://2130706433:PORT"],
  "two in one": ["Origin: http://localhost:PORT http://evil.example"],
  two: ["Origin: http://localhost:PORT", "Origin: http://evil.example"],
  "a Greek letter in it": ["Origin: http://lοcalhost:PORT"],
  "the same in Punycode": ["Origin: http://xn--lcalhost-8ng:PORT"],
  "full-width digits": ["Origin: http://１２７.0.0.1:PORT"],
  "an ideographic full stop": ["Origin: http://127。0.0.1:PORT"],
};

const OWN = ["localhost:PORT", "LOCALHOST:PORT", "LocalHost:PORT", "127.0.0.1:PORT", "[::1]:PORT"];

const HOST = "Host: 127.0.0.1:PORT";
const ORIGIN = "Origin: http://127.0.0.1:PORT";

/** Sends a request with the learner's cookie and just these headers of who asks whom. */
function send(method: string, path: string, who: readonly string[], more: readonly string[] = [], body = ""): Promise<number> {
  const ported = who.map((line) => line.replaceAll("PORT", String(port)));
  return sendRaw(port, [`${method} ${path} HTTP/1.1`, ...ported, `Cookie: ${server.learner.cookie}`, ...more], body);
}

const post = (path: string, who: readonly string[], body: string) =>
  send("POST", path, who, ["Content-Type: application/json", `Content-Length: ${body.length}`, "Connection: close"], body);

const upgrade = (who: readonly string[]) =>
  send("GET", `/api/sessions/${session}/terminals/${terminal}/stream?cols=80&rows=24`, who, [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ]);

/** What a page elsewhere would like to do: open a shell, and change things. */
async function tryAll(who: readonly string[]): Promise<number[]> {
  const at = `/api/sessions/${session}`;
  return [
    await upgrade(who),
    await post(`${at}/terminals`, who, '{"host":"controlplane"}'),
    await post(`${at}/hints`, who, "{}"),
    await post(`${at}/reset`, who, "{}"),
    await send("DELETE", at, who, ["Connection: close"]),
    await send("DELETE", `${at}/terminals/${terminal}`, who, ["Connection: close"]),
  ];
}

async function isUntouched(): Promise<boolean> {
  const { state, hints, terminals } = (await server.learner.get(`/api/sessions/${session}`)).body;
  return state === "ready" && hints.length === 0 && terminals.length === 1 && terminals[0].id === terminal;
}

const refused = (status: number) => status === 403 || status === 400;

describe("a Host that is not ours", () => {
  test.each(Object.entries(FOREIGN_HOSTS))(
    "%s: nothing is answered, nothing changed, no shell is spawned",
    async (_title, host) => {
      const statuses = await tryAll([...host, ORIGIN]);
      statuses.push(
        await send("GET", "/", host, ["Connection: close"]),
        await send("GET", "/api/sessions", host, ["Connection: close"]),
      );
      expect(statuses.filter((status) => !refused(status))).toEqual([]);
      expect([await isUntouched(), shells]).toEqual([true, 0]);
    },
  );
  test("none at all, in HTTP/1.0", async () => {
    expect(await sendRaw(port, ["GET /api/sessions HTTP/1.0", `Cookie: ${server.learner.cookie}`])).toBe(403);
  });
});

describe("an Origin that is not ours", () => {
  test.each(Object.entries({ "none at all": [], ...FOREIGN_ORIGINS }))(
    "%s: nothing is changed, no shell is spawned",
    async (_title, origin) => {
      const statuses = await tryAll([HOST, ...origin]);
      // Browsers send none when they only look, and then give the answer to our own page alone.
      if (origin.length > 0) statuses.push(await send("GET", "/api/sessions", [HOST, ...origin], ["Connection: close"]));
      expect(statuses.filter((status) => !refused(status))).toEqual([]);
      expect([await isUntouched(), shells]).toEqual([true, 0]);
    },
  );
});

describe("our own page", () => {
  test.each(OWN)("at %s may look and open a shell", async (name) => {
    const who = [`Host: ${name}`, `Origin: http://${name}`];
    expect(await send("GET", "/api/sessions", who, ["Connection: close"])).toBe(200);
    expect(await upgrade(who)).toBe(101);
    await expect.poll(() => shells).toBeGreaterThan(0);
  });
});
