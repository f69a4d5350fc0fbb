import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, expect, test } from "vitest";
import { askServer } from "./ask-server.ts";
import { findServerNote, serverNotePath } from "./server-note.ts";

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  if (server?.listening) await new Promise((closed) => server!.close(closed));
  server = undefined;
});

/** Serves on a free port; gives that. */
async function serve(answer: RequestListener): Promise<number> {
  server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as { port: number }).port;
}

const never = new AbortController().signal;
const ask = (url: string) => askServer({ url, pid: 42 }, never, 500);

test("a server's metrics become its status; one that listens everywhere is asked at the loopback address", async () => {
  const asked: unknown[] = [];
  const port = await serve((request, response) => {
    asked.push([request.url, request.headers.host]);
    response.end(
      [
        'drydock_build_info{version="1.2.3"} 1',
        'drydock_sandboxes{state="leased",frozen="false"} 2',
        'drydock_sandboxes{state="lost",frozen="false"} 0',
        "drydock_sandboxes_seen_timestamp_seconds 1789999999.5",
        'drydock_sessions{state="ready"} 2',
        "drydock_terminals 3",
        'drydock_errors_total{code="capacity.full"} 4',
      ].join("\n"),
    );
  });
  expect(await ask(`http://0.0.0.0:${port}`)).toMatchObject({
    version: "1.2.3",
    pid: 42,
    sandboxes: [{ state: "leased", frozen: false, count: 2 }],
    sandboxesSeenAt: "2026-09-21T14:13:19.500Z",
    startedAt: undefined,
    sessions: { ready: 2 },
    queued: 0,
    terminals: { open: 3, windows: 0 },
    errors: { "capacity.full": 4 },
  });
  expect(asked).toEqual([["/metrics", `127.0.0.1:${port}`]]);
});

test("where nobody listens there is no server", async () => {
  const port = await serve(() => undefined);
  await new Promise((closed) => server!.close(closed));
  expect(await ask(`http://127.0.0.1:${port}`)).toBeUndefined();
});

test("another program at the address, and one that breaks off, are told from a server", async () => {
  const other = await serve((_request, response) => response.writeHead(404).end("no"));
  await expect(ask(`http://127.0.0.1:${other}`)).rejects.toMatchObject({ code: "status.not-ours" });
  server?.close();
  const page = await serve((_request, response) => response.end("<p>hello</p>"));
  await expect(ask(`http://127.0.0.1:${page}`)).rejects.toMatchObject({ code: "status.not-ours" });
  server?.close();
  const broken = await serve((request) => request.socket.destroy());
  await expect(ask(`http://127.0.0.1:${broken}`)).rejects.toMatchObject({ code: "status.no-answer" });
});

test("one that hangs is said to be silent", async () => {
  const port = await serve(() => undefined);
  await expect(ask(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: "status.no-answer",
    message: expect.stringContaining("within 0.5 s"),
  });
});

test("the note of a server counts as long as its process lives", async () => {
  const dir = mkdtempSync(`${tmpdir()}/drydock-note-`);
  try {
    expect(await findServerNote(dir)).toBeUndefined();
    const write = (note: unknown) => writeFileSync(serverNotePath(dir), typeof note === "string" ? note : JSON.stringify(note));
    write({ pid: process.pid, url: "http://127.0.0.1:8080" });
    expect(await findServerNote(dir)).toEqual({ pid: process.pid, url: "http://127.0.0.1:8080" });
    write({ pid: 2 ** 30, url: "http://127.0.0.1:8080" });
    expect(await findServerNote(dir)).toBeUndefined();
    write("{");
    expect(await findServerNote(dir)).toBeUndefined();
  } finally {
    rmSync(dir, { recursive: true });
  }
});
