import { join } from "node:path";
import type { Config } from "../config.ts";
import type { Progress } from "../progress.ts";
import { ensureGoPrograms } from "./go-step.ts";

/** Path of the `kind` program of the pinned version, built into the data directory when it is not there. @throws DrydockError `image.no-go`, `image.go-build` */
export async function ensureKind({
  config,
  progress,
  signal,
}: {
  config: Config;
  progress: Progress;
  signal?: AbortSignal;
}): Promise<string> {
  return progress.phase({ id: "kind", title: "Building kind", estimateMs: 20_000 }, async (report) => {
    const [folder] = await ensureGoPrograms(["kind"], config, report, signal);
    return join(folder ?? "", process.platform === "win32" ? "kind.exe" : "kind");
  });
}
