import type { Config } from "../config.ts";
import { DrydockError } from "../errors.ts";
import { run } from "../process.ts";
import type { Report } from "../progress.ts";
import { cacheDir } from "./context.ts";
import { buildGoPrograms, type GoGroup } from "./go-programs.mjs";

/**
 * Builds groups of Go programs one after the other; returns their folders.
 * @throws DrydockError `image.no-go`, `image.go-build`
 */
export async function ensureGoPrograms(
  groups: readonly GoGroup[],
  config: Config,
  report: Report,
  signal?: AbortSignal,
): Promise<string[]> {
  const folders: string[] = [];
  let compiled = 0;
  const onLine = (line: string) => report(`${(compiled += 1)} packages compiled, ${line.trim()}`);
  const onWait = () => report("the build that was begun before is going on");
  for (const group of groups) {
    try {
      folders.push(await buildGoPrograms(group, { cacheDir: cacheDir(config), run, signal, onLine, onWait }));
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof DrydockError && cause.code === "process.missing") {
        throw new DrydockError("image.no-go", "Building from source needs Go", { cause, advice: "Install Go 1.26 or newer" });
      }
      throw new DrydockError("image.go-build", `Building the ${group} programs failed: ${String(cause)}`, { cause });
    }
  }
  return folders;
}
