import type { Problem } from "../problem.ts";
import type { Scenario } from "../schema.ts";

/**
 * A way of writing scenarios. Each format reads its own files into the one model that the rest of
 * the program knows.
 */
export interface Format {
  readonly name: string;
  /** Whether the folder is written in this format; looks at file names only. */
  recognises(dir: string): boolean;
  /**
   * Reads it. Without problems there is a scenario; with problems there may be one, good enough to
   * look for more of them.
   */
  read(dir: string): { scenario?: Scenario; problems: Problem[] };
}
