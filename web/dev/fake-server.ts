import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { openTerminalSchema, startSessionSchema } from "@drydock/server/contract";
import { WebSocketServer } from "ws";
import { NoSuch, Refused, World, type Wishes } from "./world.ts";

/**
 * A pretended Drydock server: the contract's API with invented data, and the built page. For
 * working on the page, and for its tests. `POST /fake` with `Wishes` changes what it says to
 * whoever asks; `GET /fake` tells what the shells have seen.
 */

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
/** As the real server's: scripts come from files only, styles may be set by the terminal. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const worlds = new Map<string, World>();

/** The asking learner's world, by cookie; a new one with a new cookie where there is none. */
function worldOf(request: IncomingMessage, response?: ServerResponse): World {
  let id = /drydock_learner=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1];
  if (id === undefined || !worlds.has(id)) {
    id ??= randomUUID();
    worlds.set(id, new World());
    response?.setHeader("Set-Cookie", `drydock_learner=${id}; HttpOnly; SameSite=Strict; Path=/`);
  }
  return worlds.get(id)!;
}

type Answer = [status: number, body?: unknown];

async function answer(world: World, method: string, path: string, body: unknown): Promise<Answer> {
  const [, , what, id = "", action, terminal = ""] = path.split("/");
  const key = [method, what, id && ":id", action, terminal && ":terminal"].filter(Boolean).join(" ");
  switch (key) {
    case "GET platform":
      return [200, world.platform];
    case "POST platform :id":
      return [202, world.setPlatform("preparing")];
    case "GET scenarios":
      return [200, world.catalogue()];
    case "GET scenarios :id":
      return [200, world.scenario(id)];
    case "GET scenarios :id attempts":
      return [200, { attempts: world.attempts(id) }];
    case "GET sessions":
      return [200, { sessions: world.sessions() }];
    case "POST sessions":
      return [201, world.start(startSessionSchema.parse(body).scenario)];
    case "GET sessions :id":
      return [200, world.session(id)];
    case "DELETE sessions :id":
      return [204, world.end(id)];
    case "POST sessions :id check":
      return [201, await world.check(id)];
    case "POST sessions :id reset":
      return [202, world.reset(id)];
    case "POST sessions :id extend":
      return [200, world.extend(id)];
    case "POST sessions :id hints":
      return [200, world.hint(id)];
    case "POST sessions :id solution":
      return [200, world.solution(id)];
    case "POST sessions :id terminals":
      return [201, world.openTerminal(id, openTerminalSchema.parse(body).host)];
    case "DELETE sessions :id terminals :terminal":
      return [204, world.closeTerminal(id, terminal)];
  }
  throw new NoSuch(`There is no ${key}.`);
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  if (!path.startsWith("/api/") && path !== "/fake") return serveFile(path, response);
  const world = worldOf(request, response);
  if (path === "/api/events") {
    try {
      world.refuse();
      return serveEvents(world, request, response);
    } catch (error) {
      return refuse(error, response);
    }
  }
  const send = ([status, body]: Answer) => {
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  try {
    const sent = await text(request);
    const body: unknown = sent === "" ? undefined : JSON.parse(sent);
    if (path === "/fake") return send([200, tell(world, request.method, body as Wishes)]);
    send(await answer(world, request.method ?? "GET", path, body));
  } catch (error) {
    refuse(error, response);
  }
}

function refuse(error: unknown, response: ServerResponse): void {
  const { code = "fake", message } = error as { code?: string; message: string };
  const status = error instanceof NoSuch ? 404 : code.startsWith("limit.") ? 429 : error instanceof Refused ? 409 : 400;
  response.writeHead(status, { "Content-Type": "application/json", ...(status === 429 ? { "Retry-After": "1" } : {}) });
  response.end(JSON.stringify({ error: { code, message } }));
}

function tell(world: World, method: string | undefined, body: Wishes): unknown {
  if (method === "POST") world.wish(body);
  return { shells: [...world.shells.values()].map((shell) => shell.seen()) };
}

function serveEvents(world: World, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  response.flushHeaders();
  const stop = world.subscribe((event) => response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`));
  const end = () => response.end();
  world.streams.add(end);
  request.on("close", () => {
    stop();
    world.streams.delete(end);
  });
}

async function serveFile(path: string, response: ServerResponse): Promise<void> {
  const name = extname(path) === "" ? "/index.html" : normalize(path);
  const content = await readFile(join(dist, name)).catch(() => undefined);
  response.writeHead(content ? 200 : 404, {
    "Content-Type": TYPES[extname(name)] ?? "text/plain",
    "Content-Security-Policy": POLICY,
  });
  response.end(content);
}

/** Serves on loopback until closed. `port` 0 takes any that is free. */
export async function startFakeServer(port: number): Promise<Server> {
  const server = createServer((request, response) => void handle(request, response));
  // Closing one that is idle would meet a test's next request halfway.
  server.keepAliveTimeout = 0;
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on("upgrade", (request, socket, head) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const shell = worldOf(request).shells.get(url.pathname.split("/")[5] ?? "");
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      if (!shell) return webSocket.close(4404, "There is no such terminal.");
      try {
        worldOf(request).refuse();
      } catch (error) {
        const { code, message } = error as Refused;
        webSocket.send(JSON.stringify({ type: "error", code, message }));
        return webSocket.close(4429, code);
      }
      shell.attach(webSocket, { cols: Number(url.searchParams.get("cols")), rows: Number(url.searchParams.get("rows")) });
    });
  });
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  return server;
}
