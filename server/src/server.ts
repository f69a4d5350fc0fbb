import { createServer, type Server } from "node:http";
import { DrydockError } from "../../labs/src/errors.ts";
import { Catalogue } from "./catalogue.ts";
import type { ServerEvent } from "./contract.ts";
import { Events } from "./events.ts";
import { createApp } from "./http/app.ts";
import { createGuard } from "./http/guard.ts";
import { createOrigins } from "./http/origin.ts";
import type { OpenLab } from "./lab.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits/limits.ts";
import type { Log } from "./log/log.ts";
import { addGauges } from "./metrics/gauges.ts";
import { Metrics } from "./metrics/metrics.ts";
import { observeLab } from "./metrics/observe-lab.ts";
import type { Operator } from "./operator/routes.ts";
import { addExtrasWhenIdle } from "./platform/extras.ts";
import { Machine } from "./platform/machine.ts";
import { Sandboxes } from "./sandboxes/sandboxes.ts";
import { LiveSessions } from "./sessions/live.ts";
import type { SessionParts } from "./sessions/parts.ts";
import { Sessions } from "./sessions/sessions.ts";
import { WATCH, type WatchOptions } from "./sessions/watch.ts";
import type { Store } from "./store/store.ts";
import { serveTerminals } from "./terminals/gateway.ts";
import { Terminals } from "./terminals/terminals.ts";

export interface ServerOptions {
  store: Store;
  catalogue: Catalogue;
  openLab: OpenLab;
  log: Log;
  /** Where to listen; port 0 takes a free one. */
  host: string;
  port: number;
  otherHosts?: readonly string[];
  /** Addresses and networks of the proxies that are believed. */
  proxies?: readonly string[];
  limits?: Limits;
  /** The folder of the built page. */
  pageDir: string;
  version: string;
  maxSandboxes: number | undefined;
  poolSize: number;
  freeBytes: () => number;
  freeDiskBytes: () => number;
  leaseMs: number | undefined;
  idleMs: number | undefined;
  monotonicMs: () => number;
  now: () => Date;
  newId: () => string;
  watch?: WatchOptions;
  /**
   * How often is looked whether nobody waits for the machine, so that it may do something for
   * later.
   */
  lookEveryMs?: number;
  onPlatform?: (platform: ReturnType<Machine["view"]>) => void;
  /** What the command line may ask for; without it, nothing. */
  operator?: Operator;
}

export interface DrydockServer {
  readonly url: string;
  /** Where it listens. */
  readonly port: number;
  readonly machine: Machine;
  readonly sessions: Sessions;
  /**
   * Stops answering, lets go of shells, freezes the sandboxes in use. The store stays open: it is
   * the caller's.
   */
  stop(): Promise<void>;
}

/** How long the engine may take to put things down when the server stops. */
const STOP_MS = 10_000;

const LOOK_EVERY_MS = 5000;

/**
 * Puts the parts together, listens, and begins to prepare the machine. Resolves as soon as the page
 * can be asked for.
 * @throws DrydockError `server.port-in-use`, `server.cannot-listen`
 */
export async function startServer(options: ServerOptions): Promise<DrydockServer> {
  const { store, catalogue, log, now, newId, monotonicMs, lookEveryMs = LOOK_EVERY_MS, limits = DEFAULT_LIMITS } = options;
  const events = new Events();
  const metrics = new Metrics(options);
  let sandboxes: Sandboxes | undefined;
  const terminals = new Terminals({
    store,
    log,
    metrics,
    now,
    newId,
    openSandbox: (session) => sessions.openSandbox(session),
    use: (session) => sessions.use(session),
    suspect: () => void sessions.suspect(),
    onChange: (session) => void sessions.publish(session),
  });
  const machine = new Machine({
    open: observeLab(options.openLab, metrics),
    version: options.version,
    now,
    pool: () => sandboxes?.state,
    settle: async (lab, progress) => {
      sandboxes = new Sandboxes(lab.provider, {
        ...options,
        metrics,
        leasesLeftMs: () => sessions.leasesLeftMs(),
        isBusy: () => sessions.busy || !extras.settled,
        quietForMs: () => sessions.quietForMs,
        lookEveryMs,
        onChange: () => machine.publish(),
      });
      await sessions.takeUp(progress);
    },
    onChange: (platform) => {
      events.broadcast({ type: "platform", platform });
      options.onPlatform?.(platform);
    },
  });
  const parts: SessionParts = {
    store,
    catalogue,
    machine,
    events,
    live: new LiveSessions(),
    log,
    metrics,
    now,
    newId,
    monotonicMs,
    sandboxes: () => sandboxes!,
    endTerminals: (session, why) => terminals.endOfSession(session, why),
    loseTerminals: (session) => terminals.loseSession(session),
  };
  const sessions = new Sessions(parts, { ...options, limits, watch: options.watch ?? WATCH });
  addGauges(metrics, { store, windows: () => terminals.windows, queued: () => sandboxes?.state.waiting ?? 0 });
  const present = async (learner: string): Promise<ServerEvent[]> => {
    const own = (await sessions.list(learner)).filter((session) => session.state !== "ended");
    return [{ type: "platform", platform: machine.view() }, ...own.map((session) => ({ type: "session" as const, session }))];
  };

  const server = createServer();
  const port = await listen(server, options.host, options.port);
  const guard = createGuard({ host: options.host, port, otherHosts: options.otherHosts ?? [] });
  const origins = createOrigins(options.proxies ?? []);
  const { app, close } = createApp({
    ...options,
    guard,
    origins,
    limits,
    events,
    metrics,
    machine,
    sessions,
    terminals,
    present,
  });
  server.on("request", app);
  const closeTerminals = serveTerminals(server, { guard, origins, limits, sessions, terminals, log, metrics });
  machine.prepare();
  const extras = addExtrasWhenIdle(machine, {
    isBusy: () => sessions.busy,
    lookEveryMs,
    onSettled: () => sandboxes?.fill(),
    log,
  });

  return {
    url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
    port,
    machine,
    sessions,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      extras.stop();
      close();
      closeTerminals();
      terminals.stop();
      server.closeIdleConnections();
      await sessions.stop(STOP_MS);
      await machine.stop(STOP_MS);
      await sandboxes?.stop();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(wordListenError(error, host, port)));
    server.listen(port, host, () => resolve((server.address() as { port: number }).port));
  });
}

function wordListenError(error: NodeJS.ErrnoException, host: string, port: number): DrydockError {
  if (error.code === "EADDRINUSE") {
    return new DrydockError("server.port-in-use", `Port ${port} of ${host} is in use`, {
      advice: "Stop what uses it, or choose another: PORT=8081 npm start",
      cause: error,
    });
  }
  return new DrydockError("server.cannot-listen", `Listening on ${host}:${port} failed (${error.code})`, {
    advice: "Set HOST and PORT to what this machine allows",
    cause: error,
  });
}
