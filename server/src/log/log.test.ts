import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DrydockError } from "../../../labs/src/errors.ts";
import { TestServer } from "../testing/test-server.ts";
import { BOUNDED } from "./bounded.ts";
import { RollingFile } from "./rolling-file.ts";

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "drydock-log-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const path = () => join(dir, "server.log");
const read = (name: string) => readFileSync(join(dir, name), "utf8");

test("a log that is full is put aside while it is written: no line is lost or torn, and the oldest files go", () => {
  const file = new RollingFile({ path: path(), mostBytes: 1000, keep: 3 });
  const line = (n: number) => `${JSON.stringify({ n, text: "x".repeat(80) })}\n`;
  for (let n = 0; n < 100; n += 1) file.write(line(n));
  file.close();
  const names = ["server.log.3", "server.log.2", "server.log.1", "server.log"];
  expect(readdirSync(dir).sort()).toEqual([...names].sort());
  for (const name of names) expect(statSync(join(dir, name)).size).toBeLessThanOrEqual(1000);
  const kept = names.map(read).join("");
  const numbers = kept
    .trimEnd()
    .split("\n")
    .map((one) => (JSON.parse(one) as { n: number }).n);
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => 100 - numbers.length + at));
  expect(numbers.length).toBeGreaterThan(25);
});

test("a log goes on where it ended, and a line that is larger than a file has a file of its own", () => {
  const options = { path: path(), mostBytes: 1000, keep: 3 };
  const first = new RollingFile(options);
  first.write("first\n");
  first.close();
  const second = new RollingFile(options);
  second.write("second\n");
  second.write(`${"y".repeat(5000)}\n`);
  second.write("third\n");
  second.close();
  expect(read("server.log.2")).toBe("first\nsecond\n");
  expect(read("server.log.1")).toHaveLength(5001);
  expect(read("server.log")).toBe("third\n");
});

test("a line is bounded, with any fields, message, error and child", () => {
  const lines: string[] = [];
  const log = pino({ ...BOUNDED, level: "info" }, { write: (line: string) => void lines.push(line) });
  const long = "z".repeat(1_000_000);
  log.info({ host: long, deep: { list: Array.from({ length: 1000 }, () => ({ long })) } }, long);
  log.child({ session: long }).info("child");
  log.warn({ err: new DrydockError("some.code", long, { advice: long, cause: new Error(long) }) }, "failed");
  log.info("short");
  for (const line of lines.slice(1)) expect(line.length).toBeLessThan(30_000);
  expect(lines[0]!.length).toBeLessThan(100_000);
  expect(JSON.parse(lines[0]!)).toMatchObject({ host: expect.stringMatching(/^z{500}… \(1000000 characters\)$/) });
  expect(JSON.parse(lines[1]!)).toMatchObject({ session: expect.stringContaining("(1000000 characters)"), msg: "child" });
  expect(JSON.parse(lines[2]!)).toMatchObject({ err: { code: "some.code", message: expect.stringMatching(/^z{500}…/) } });
  expect(JSON.parse(lines[3]!)).toMatchObject({ level: 30, msg: "short" });
});

test("requests that are refused write little, however long their path, Host and Origin are", async () => {
  const file = new RollingFile({ path: path(), mostBytes: 1e9, keep: 1 });
  const server = await TestServer.start({}, { log: pino({ ...BOUNDED, level: "info" }, file) });
  try {
    const long = "q".repeat(12_000);
    const before = statSync(path()).size;
    const asked = [
      server.learner.ask("GET", "/api/platform", { headers: { host: `${long}.example` } }),
      server.learner.ask("POST", "/api/sessions", { headers: { origin: `http://${long}` }, body: {} }),
      server.learner.ask("GET", `/api/sessions/${long}`),
      server.learner.ask("GET", `/api/scenarios/${long}`),
      server.learner.ask("GET", `/${long}`, { headers: { host: "x" } }),
    ];
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses).toEqual([403, 403, 404, 404, 403]);
    for (const [url, headers] of [
      [`/api/sessions/${long}/terminals/x/stream`, {}],
      [`/api/sessions/x/terminals/x/stream`, { host: long }],
      [`/api/sessions/x/terminals/x/stream`, { origin: long }],
    ] as const) {
      const socket = server.learner.stream(url, headers);
      socket.on("error", () => undefined);
      await new Promise((resolve) => socket.on("close", resolve));
    }
    expect((await server.learner.ask("GET", `/${"p".repeat(1_000_000)}`)).status).toBe(431);
    const written = read("server.log").slice(before);
    expect(written.trim().split("\n").length).toBeGreaterThanOrEqual(8);
    for (const line of written.trim().split("\n")) expect(line.length).toBeLessThan(3000);
  } finally {
    await server.end();
  }
  expect(existsSync(path())).toBe(true);
});
