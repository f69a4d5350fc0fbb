import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { tryRun } from "../process.ts";
import { parsePoll, POLL_SCRIPT } from "./poll.ts";

describe("parsePoll", () => {
  it("counts an answer of 400 or more and none at all as failures, and leaves out a line cut short", () => {
    const result = parsePoll("1000 0 200\n1100 0 503\n1200 7 000\n1300 0 302\n1400 0 2");
    expect(result).toEqual({
      total: 4,
      durationMs: 300,
      failures: [
        { atMs: 100, curl: 0, status: 503 },
        { atMs: 200, curl: 7, status: 0 },
      ],
    });
  });
});

describe("the polling script", () => {
  it("asks until its stop file appears, and tells answers from refusals", async () => {
    let asked = 0;
    const dir = mkdtempSync(join(tmpdir(), "drydock-poll-"));
    const stop = join(dir, "stop");
    const server = createServer((_request, response) => {
      asked += 1;
      response.statusCode = asked === 2 ? 500 : 200;
      response.end("hello");
      if (asked === 4) writeFileSync(stop, "");
    }).listen(0, "127.0.0.1");
    onTestFinished(() => {
      server.close();
      rmSync(dir, { recursive: true });
    });
    await new Promise((resolve) => server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { stdout } = await tryRun("bash", ["-c", POLL_SCRIPT, "poll", url, "0.02", "1", stop, "10"], { timeoutMs: 15_000 });
    expect(parsePoll(stdout)).toMatchObject({ total: 4, failures: [{ status: 500, curl: 0 }] });
  });

  it("ends by itself at its limit", async () => {
    const { stdout } = await tryRun("bash", ["-c", POLL_SCRIPT, "poll", "http://127.0.0.1:1/", "0.1", "1", "/nonexistent", "1"], {
      timeoutMs: 10_000,
    });
    const result = parsePoll(stdout);
    expect(result.total).toBeGreaterThan(0);
    expect(result.failures).toHaveLength(result.total);
  });
});
