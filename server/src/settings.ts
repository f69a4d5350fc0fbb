import { isIP } from "node:net";
import { z } from "zod";
import { decimal, parseEnvironment, setting, wholeNumber } from "../../labs/src/settings.ts";
import { DEFAULT_LIMITS, type Limit, type Limits } from "./limits/limits.ts";

const MOST_MINUTES = 525_600;
const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

const isHost = (text: string) => isIP(text) !== 0 || HOST_NAME.test(text);
/** `host`, `host:port`, `[::1]:port`, as browsers write them. */
const isAuthority = (text: string) => {
  const [, host = "", port = "1"] = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const named = host.startsWith("[") ? isIP(host.slice(1, -1)) === 6 : isHost(host);
  return named && Number(port) <= 65535;
};
const isNetwork = (text: string) => {
  const [address = "", bits, ...more] = text.split("/");
  const kind = isIP(address);
  return (
    kind !== 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (kind === 4 ? 32 : 128)))
  );
};

/** Names separated by commas, in lower case. */
function listOf(isOne: (text: string) => boolean) {
  return z
    .string()
    .transform((text) =>
      text
        .toLowerCase()
        .split(",")
        .map((name) => name.trim()),
    )
    .refine((names) => names.every(isOne))
    .optional()
    .transform((names) => names ?? []);
}

/** Two whole numbers: for one learner, and for one network address. */
function limit(what: string, { perLearner, perAddress }: Limit) {
  return setting(
    z
      .string()
      .regex(/^\d{1,6}\/\d{1,6}$/)
      .transform((text) => text.split("/").map(Number) as [number, number])
      .refine(([learner, address]) => learner >= 1 && address >= learner)
      .transform(([learner, address]): Limit => ({ perLearner: learner, perAddress: address }))
      .prefault(`${perLearner}/${perAddress}`),
    {
      meaning: `most ${what} of one learner, and of one network address but this machine's own`,
      allowed: "two whole numbers, the second not the smaller one",
      default: `\`${perLearner}/${perAddress}\``,
    },
  );
}

/** The settings of the server alone; those of the lab kit are in labs/src/config.ts. */
export const serverSettings = z.object({
  PORT: setting(wholeNumber(0, 65535).prefault("8080"), {
    meaning: "the port of the page; 0: any that is free",
    allowed: "a whole number from 0 to 65535",
    default: "8080",
  }),
  HOST: setting(z.string().refine(isHost).default("127.0.0.1"), {
    meaning: "the address to listen on; see below whom to let in",
    allowed: "an address or a host name of this machine; `0.0.0.0`: all",
    default: "127.0.0.1",
  }),
  DRYDOCK_HOSTS: setting(listOf(isAuthority), {
    meaning: "other names under which the page is reached: behind a proxy, or for a class",
    allowed: "`host` or `host:port`, separated by commas",
    default: "none",
  }),
  DRYDOCK_PROXIES: setting(listOf(isNetwork), {
    meaning: "the proxies in front of it: their X-Forwarded-For and X-Forwarded-Proto are believed",
    allowed: "addresses or networks (`10.0.0.0/8`), separated by commas",
    default: "none",
  }),
  DRYDOCK_MAX_SANDBOXES: setting(wholeNumber(1, 1000).optional(), {
    meaning: "most sandboxes at once",
    allowed: "a whole number from 1 to 1000",
    default: "from free memory",
  }),
  DRYDOCK_POOL: setting(wholeNumber(0, 64).prefault("2"), {
    meaning: "most clusters of each topology that wait frozen for a learner; fewer where memory or disk is short",
    allowed: "a whole number from 0 to 64",
    default: "2",
  }),
  DRYDOCK_LEASE_MINUTES: setting(decimal(0, MOST_MINUTES).prefault("4320"), {
    meaning: "how long a session may last while the server runs, unless extended; 0: for ever",
    allowed: `a number from 0 to ${MOST_MINUTES}`,
    default: "4320 (3 days)",
  }),
  DRYDOCK_IDLE_MINUTES: setting(decimal(0, MOST_MINUTES).prefault("15"), {
    meaning: "after how long without input or a check a cluster is frozen; 0: never",
    allowed: `a number from 0 to ${MOST_MINUTES}`,
    default: "15",
  }),
  DRYDOCK_LIMIT_SESSIONS: limit("sessions that run at once", DEFAULT_LIMITS.sessions),
  DRYDOCK_LIMIT_QUEUE: limit("places in the queue for room", DEFAULT_LIMITS.queue),
  DRYDOCK_LIMIT_PAGES: limit("open pages (streams of events)", DEFAULT_LIMITS.pages),
  DRYDOCK_LIMIT_WINDOWS: limit("windows on terminals", DEFAULT_LIMITS.windows),
  DRYDOCK_LOG: setting(z.enum(["debug", "info", "warn", "error", "silent"]).default("info"), {
    meaning: "how much `server.log` is told",
    allowed: "`debug`, `info`, `warn`, `error` or `silent`",
    default: "`info`",
  }),
});

const MINUTE_MS = 60_000;

export interface Settings {
  port: number;
  host: string;
  /** Names beside the loopback's, lower case. */
  otherHosts: string[];
  /** Addresses and networks of the proxies that are believed. */
  proxies: string[];
  limits: Limits;
  maxSandboxes: number | undefined;
  poolSize: number;
  /** Undefined: leases do not end. */
  leaseMs: number | undefined;
  /** Undefined: sandboxes in use are not frozen. */
  idleMs: number | undefined;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
}

/** Reads the server's settings. Call it in `main` only. @throws DrydockError `config.invalid` */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const values = parseEnvironment(serverSettings, env);
  return {
    port: values.PORT,
    host: values.HOST,
    otherHosts: values.DRYDOCK_HOSTS,
    proxies: values.DRYDOCK_PROXIES,
    limits: {
      sessions: values.DRYDOCK_LIMIT_SESSIONS,
      queue: values.DRYDOCK_LIMIT_QUEUE,
      pages: values.DRYDOCK_LIMIT_PAGES,
      windows: values.DRYDOCK_LIMIT_WINDOWS,
    },
    maxSandboxes: values.DRYDOCK_MAX_SANDBOXES,
    poolSize: values.DRYDOCK_POOL,
    leaseMs: values.DRYDOCK_LEASE_MINUTES * MINUTE_MS || undefined,
    idleMs: values.DRYDOCK_IDLE_MINUTES * MINUTE_MS || undefined,
    logLevel: values.DRYDOCK_LOG,
  };
}
