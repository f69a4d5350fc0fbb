import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { z } from "zod";
import { MAX_CLIENT_FRAME_BYTES } from "../contract.ts";
import { describeFailure } from "../errors.ts";
import { hostOf, type Guard } from "../http/guard.ts";
import { learnerOf } from "../http/learner.ts";
import type { Origins } from "../http/origin.ts";
import { OpenCount, type Limit } from "../limits/limits.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { TerminalRow } from "../store/tables.ts";
import { connectViewer } from "./connection.ts";
import type { Terminals } from "./terminals.ts";

const PATH = /^\/api\/sessions\/([^/]+)\/terminals\/([^/]+)\/stream$/;
/** As requests are counted. */
const ROUTE = "/api/sessions/:id/terminals/:terminal/stream";
const MOST_VIEWERS = 16;
const querySchema = z.object({ cols: z.coerce.number().int().min(2).max(500), rows: z.coerce.number().int().min(1).max(300) });

export interface GatewayParts {
  guard: Guard;
  origins: Origins;
  limits: { windows: Limit };
  sessions: Sessions;
  terminals: Terminals;
  log: Log;
  metrics: Metrics;
}

/** Why a connection that came from our own page is closed at once. */
const CLOSE_CODES: Record<string, number> = {
  "request.invalid": 4400,
  "session.unknown": 4401,
  "terminal.unknown": 4404,
  "session.not-ready": 4409,
  "terminal.busy": 4429,
  "limit.windows": 4429,
  "limit.address": 4429,
};

/**
 * Takes WebSocket upgrades of an HTTP server. Whoever is not our own page is refused before
 * anything else happens. Returns what closes all of them.
 */
export function serveTerminals(server: Server, parts: GatewayParts): () => void {
  const windows = new OpenCount("windows", parts.limits.windows);
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_CLIENT_FRAME_BYTES });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    const refusal = refuse(request, parts.guard);
    const asked = addressed(request);
    const log = parts.log.child(asked);
    if (refusal) {
      parts.metrics.request("GET", asked.session ? ROUTE : "other", refusal.status);
      log.warn({ ...refusal, host: request.headers.host, origin: request.headers.origin }, "upgrade refused");
      return void socket.end(`HTTP/1.1 ${refusal.status} ${refusal.text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    }
    void accept(sockets, { ...parts, log, windows }, request, socket, head);
  });
  return () => {
    for (const socket of sockets.clients) socket.close(1012, "restart");
    sockets.close();
  };
}

function refuse(request: IncomingMessage, guard: Guard): { status: number; text: string } | undefined {
  if (!guard.allowsHost(hostOf(request)) || !guard.allowsOrigin(request.headers.origin))
    return { status: 403, text: "Forbidden" };
  if (!PATH.test(pathOf(request))) return { status: 404, text: "Not Found" };
  return undefined;
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?", 1)[0]!;
}

/** Which terminal of which session is asked for; nothing where the path is none of ours. */
function addressed(request: IncomingMessage): { session?: string; terminal?: string } {
  const [, session, terminal] = PATH.exec(pathOf(request)) ?? [];
  return { session, terminal };
}

async function accept(
  sockets: WebSocketServer,
  parts: GatewayParts & { windows: OpenCount },
  request: IncomingMessage,
  raw: Duplex,
  head: Buffer,
): Promise<void> {
  const { log, metrics } = parts;
  const found = await find(parts, request).catch((error: unknown) => ({ error }));
  if (raw.destroyed) return;
  if ("close" in found) raw.on("close", found.close);
  metrics.request("GET", ROUTE, 101);
  sockets.handleUpgrade(request, raw, head, (socket: WebSocket) => {
    socket.on("error", (error) => log.info({ err: error }, "a terminal's socket failed"));
    if ("error" in found) {
      const { code = "server.fault", message } = found.error as { code?: string; message: string };
      if (!CLOSE_CODES[code]) {
        metrics.error(describeFailure(found.error).code);
        log.error({ err: found.error }, "a terminal could not be opened");
      } else log.info({ code }, "a window was turned away");
      socket.send(JSON.stringify({ type: "error", code, message }));
      return socket.close(CLOSE_CODES[code] ?? 1011, code);
    }
    const { hub, size } = found;
    log.info("a window opened a terminal");
    socket.on("close", (code) => log.info({ code }, "a window left a terminal"));
    connectViewer(socket, hub, size);
  });
}

async function find(parts: GatewayParts & { windows: OpenCount }, request: IncomingMessage) {
  const { sessions, terminals, origins, windows } = parts;
  const url = new URL(request.url ?? "", "http://localhost");
  const { session = "", terminal = "" } = addressed(request);
  const size = querySchema.safeParse(Object.fromEntries(url.searchParams));
  const owned = await sessions.own(learnerOf(request)?.id ?? "", session);
  const row: TerminalRow = await terminals.get(owned.id, terminal);
  if (!size.success)
    throw Object.assign(new Error("cols and rows must be given, 2 to 500 and 1 to 300"), { code: "request.invalid" });
  if (owned.state !== "ready") throw Object.assign(new Error("The sandbox is not ready"), { code: "session.not-ready" });
  const hub = await terminals.hub(row);
  if (hub.viewerCount >= MOST_VIEWERS)
    throw Object.assign(new Error("Too many windows look at this terminal"), { code: "terminal.busy" });
  return { hub, size: size.data, close: windows.open({ learner: owned.learner, address: origins.addressOf(request) }) };
}
