import type { Config } from "../config.ts";
import type { Engine } from "../engine/engine.ts";
import type { Progress } from "../progress.ts";

/** What every step of the image build gets. */
export interface BuildContext {
  config: Config;
  engine: Engine;
  progress: Progress;
  signal?: AbortSignal;
}

/** Where steps keep what they have made, by content hash. */
export function cacheDir(config: Config): string {
  return config.cacheDir;
}

/** This folder: the inputs of the build. */
export const IMAGE_DIR = import.meta.dirname;
