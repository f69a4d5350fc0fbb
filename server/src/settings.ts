import { z } from "zod";
import { parseEnvironment } from "../../labs/src/config.ts";

/** The settings of the server alone; those of the lab kit are in labs/src/config.ts. */
const environmentSchema = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(8080),
  HOST: z.string().min(1).default("127.0.0.1").describe("the address to listen on"),
  DRYDOCK_HOSTS: z
    .string()
    .default("")
    .describe(
      "other names under which the page is reached, as host or host:port, separated by commas: needed behind a proxy or for a class",
    ),
  DRYDOCK_MAX_SANDBOXES: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe("default: as many as free memory has room for"),
  DRYDOCK_POOL: z.coerce
    .number()
    .int()
    .min(0)
    .max(64)
    .default(2)
    .describe("most sandboxes of each topology that wait frozen for a learner; fewer where memory or disk is short"),
  DRYDOCK_LEASE_MINUTES: z.coerce
    .number()
    .min(0)
    .max(525_600)
    .default(4320)
    .describe("how long a session may last while the server runs, unless it is extended; 0: for ever"),
  DRYDOCK_IDLE_MINUTES: z.coerce
    .number()
    .min(0)
    .max(525_600)
    .default(15)
    .describe("after how long without input or a check a sandbox is frozen; 0: never"),
  DRYDOCK_LOG: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});

const MINUTE_MS = 60_000;

export interface Settings {
  port: number;
  host: string;
  /** Names beside the loopback's, lower case. */
  otherHosts: string[];
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
  const values = parseEnvironment(environmentSchema, env);
  return {
    port: values.PORT,
    host: values.HOST,
    otherHosts: values.DRYDOCK_HOSTS.toLowerCase()
      .split(",")
      .map((name) => name.trim())
      .filter(Boolean),
    maxSandboxes: values.DRYDOCK_MAX_SANDBOXES,
    poolSize: values.DRYDOCK_POOL,
    leaseMs: values.DRYDOCK_LEASE_MINUTES * MINUTE_MS || undefined,
    idleMs: values.DRYDOCK_IDLE_MINUTES * MINUTE_MS || undefined,
    logLevel: values.DRYDOCK_LOG,
  };
}
