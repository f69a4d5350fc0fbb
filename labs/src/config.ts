import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { DrydockError } from "./errors.ts";

/** The settings that the environment may change: one schema for types, validation and `drydock doctor`. */
const environmentSchema = z.object({
  DRYDOCK_HOME: z.string().min(1).optional().describe("the data directory; default $XDG_DATA_HOME/drydock"),
  XDG_DATA_HOME: z.string().optional(),
  DRYDOCK_CACHE: z
    .string()
    .min(1)
    .optional()
    .describe("what the node image is built from, and kind; default: cache in the data directory"),
  DRYDOCK_ENGINE: z.enum(["docker", "podman"]).optional().describe("the container engine; default: the first that works"),
  DRYDOCK_NODE_BASE: z
    .enum(["auto", "official", "source"])
    .default("auto")
    .describe("what the node image is made from: an official kindest/node, or source; auto: official where a registry answers"),
  DRYDOCK_NODE_REGISTRY: z.string().default("docker.io").describe("the registry that is asked for kindest/node; host[:port]"),
  DRYDOCK_NODE_IMAGE: z
    .string()
    .optional()
    .describe("a node image to use as it is, instead of building one; the engine must have it"),
  DRYDOCK_USER_NAMESPACES: z
    .enum(["0", "1"])
    .default("0")
    .describe("1: root of a sandbox is a user of the machine without rights; podman as root only"),
  DRYDOCK_SCENARIOS: z.string().optional().describe("the folder of scenarios; default: the project's own"),
});

export interface Config {
  /** The one directory that holds everything this installation keeps. */
  dataDir: string;
  /** Artifacts by content hash: data directories may share it. */
  cacheDir: string;
  /** Short id of the data directory: labels of engine objects carry it, so that two installations never touch each other's. */
  installation: string;
  engine: "docker" | "podman" | undefined;
  nodeBase: "auto" | "official" | "source";
  nodeRegistry: string;
  /** Whether each sandbox gets a user namespace of its own. */
  userNamespaces: boolean;
  /** Reference of a node image that is used as it is. */
  nodeImage?: string;
  scenariosDir: string;
  /** The root of the checkout. */
  projectDir: string;
}

/** The settings that a schema finds in the environment. @throws DrydockError `config.invalid`, which names the variable */
export function parseEnvironment<T>(schema: z.ZodType<T>, env: NodeJS.ProcessEnv): T {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DrydockError("config.invalid", `${issue?.path.join(".")}: ${issue?.message}`, {
    advice: "Correct or unset this environment variable",
  });
}

/** Reads the configuration. Call it in `main` only and hand the result in. @throws DrydockError `config.invalid` */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const values = parseEnvironment(environmentSchema, env);
  const projectDir = resolve(import.meta.dirname, "../..");
  const dataDir = resolve(values.DRYDOCK_HOME ?? join(values.XDG_DATA_HOME || join(homedir(), ".local/share"), "drydock"));
  return {
    dataDir,
    cacheDir: resolve(values.DRYDOCK_CACHE ?? join(dataDir, "cache")),
    installation: createHash("sha256").update(dataDir).digest("hex").slice(0, 8),
    engine: values.DRYDOCK_ENGINE,
    nodeBase: values.DRYDOCK_NODE_BASE,
    nodeRegistry: values.DRYDOCK_NODE_REGISTRY,
    nodeImage: values.DRYDOCK_NODE_IMAGE,
    userNamespaces: values.DRYDOCK_USER_NAMESPACES === "1",
    scenariosDir: resolve(values.DRYDOCK_SCENARIOS ?? join(projectDir, "scenarios")),
    projectDir,
  };
}
