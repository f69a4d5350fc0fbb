import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { parseEnvironment, setting } from "./settings.ts";

const path = () => z.string().min(1);

/** The settings of the lab kit: one schema for types, validation and the README. */
export const labSettings = z.object({
  DRYDOCK_HOME: setting(path().refine(isFolderOrNothing).optional(), {
    meaning: "the one directory that holds everything kept",
    allowed: "the path of a folder, or of one to be made",
    default: "`$XDG_DATA_HOME/drydock`",
  }),
  XDG_DATA_HOME: z.string().optional(),
  DRYDOCK_ENGINE: setting(z.enum(["docker", "podman"]).optional(), {
    meaning: "the container engine",
    allowed: "`docker` or `podman`",
    default: "the first that works",
  }),
  DRYDOCK_NODE_BASE: setting(z.enum(["auto", "official", "source"]).default("auto"), {
    meaning: "what the node image is made from: an official kindest/node, or source; `auto`: official where a registry answers",
    allowed: "`official`, `source` or `auto`",
    default: "`auto`",
  }),
  DRYDOCK_NODE_REGISTRY: setting(
    z
      .string()
      .regex(/^[\w.-]+(:\d+)?(\/[\w./-]+)?$/)
      .default("docker.io"),
    {
      meaning: "the registry that is asked for kindest/node",
      allowed: "a host, `host:port`, or one of them and a path",
      default: "`docker.io`",
    },
  ),
  DRYDOCK_CACHE: setting(path().refine(isFolderOrNothing).optional(), {
    meaning: "where built artifacts are kept; data directories may share it",
    allowed: "the path of a folder, or of one to be made",
    default: "`cache` in the data directory",
  }),
  DRYDOCK_NODE_IMAGE: setting(
    z
      .string()
      .regex(/^[\w./:@-]+$/)
      .optional(),
    {
      meaning: "a node image to be used as it is, instead of building one",
      allowed: "the reference of an image that the engine has",
      default: "none",
    },
  ),
  DRYDOCK_USER_NAMESPACES: setting(z.enum(["0", "1"]).default("0"), {
    meaning: "1: root of a sandbox has no rights on the machine; podman as root only ([what works](docs/user-namespaces.md))",
    allowed: "`0` or `1`",
    default: "0",
  }),
  DRYDOCK_SCENARIOS: setting(path().refine(isFolder).optional(), {
    meaning: "the folder of scenarios",
    allowed: "the path of a folder that is there",
    default: "the project's own",
  }),
});

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isFolderOrNothing(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true;
  } catch {
    return false; // Something on the way to it is no folder.
  }
}

export interface Config {
  /** The one directory that holds everything this installation keeps. */
  dataDir: string;
  /** Artifacts by content hash: data directories may share it. */
  cacheDir: string;
  /**
   * Short id of the data directory: labels of engine objects carry it, so that two installations
   * never touch each other's.
   */
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

/**
 * Reads the configuration. Call it in `main` only and hand the result in.
 * @throws DrydockError `config.invalid`
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const values = parseEnvironment(labSettings, env);
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
