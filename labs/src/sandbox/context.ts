import type { Config } from "../config.ts";
import type { Engine } from "../engine/engine.ts";
import type { Observer } from "../observer/index.ts";
import type { Records } from "./records.ts";
import type { Wall } from "./wall.ts";

/** What the steps of this folder share. */
export interface SandboxContext {
  config: Pick<Config, "installation" | "dataDir" | "cacheDir"> & Partial<Pick<Config, "userNamespaces">>;
  engine: Engine;
  records: Records;
  /** Reference of the node image; makes it when it is not there. */
  nodeImage: () => Promise<string>;
  /** Path of the kind program; makes it when it is not there. */
  kindPath: () => Promise<string>;
  /** What sees sandboxes from outside. */
  observer: Observer;
  /** How many CPUs the engine has; asked once. */
  engineCpus: () => Promise<number>;
  /** Sees to it, once per process, that the engine's kernel has room for the nodes of `image`. */
  makeRoom: (image: string) => Promise<void>;
  /** What keeps sandboxes apart, from outside of them. */
  wall: Wall;
}
