import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config.ts";
import type { Progress } from "../progress.ts";
import { cacheDir } from "./context.ts";
import { goArtifact } from "./go-programs.mjs";
import { ensureGoPrograms } from "./go-step.ts";

/**
 * Path of the `kind` program of the pinned version, built into the data directory when it is not
 * there.
 * @throws DrydockError `image.no-go`, `image.go-build`
 */
export async function ensureKind({
  config,
  progress,
  signal,
}: {
  config: Config;
  progress: Progress;
  signal?: AbortSignal;
}): Promise<string> {
  const program = (folder: string): string => join(folder, process.platform === "win32" ? "kind.exe" : "kind");
  const present = program(goArtifact("kind", cacheDir(config)));
  if (existsSync(present)) return present;
  return progress.phase({ id: "kind", title: "Building kind", estimateMs: 20_000 }, async (report) => {
    const [folder] = await ensureGoPrograms(["kind"], config, report, signal);
    return program(folder ?? "");
  });
}
