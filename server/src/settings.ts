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
  DRYDOCK_POOL: z.coerce.number().int().min(0).max(64).default(0).describe("two-node sandboxes that wait frozen for a learner"),
  DRYDOCK_LOG: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});

export interface Settings {
  port: number;
  host: string;
  /** Names beside the loopback's, lower case. */
  otherHosts: string[];
  maxSandboxes: number | undefined;
  poolSize: number;
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
    logLevel: values.DRYDOCK_LOG,
  };
}
