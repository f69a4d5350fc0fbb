import { openPlatform } from "../platform.ts";
import { Progress } from "../progress.ts";
import type { SandboxProvider } from "../sandbox/provider.ts";
import type { Cli } from "./cli-context.ts";
import { showProgress } from "./show-progress.ts";

/** Runs a command's work with the platform ready, showing what is prepared meanwhile. Sandboxes that an earlier, dead command left half made are removed first. */
export async function usePlatform<T>(cli: Cli, work: (provider: SandboxProvider, progress: Progress) => Promise<T>): Promise<T> {
  const progress = new Progress();
  const stop = showProgress(progress, cli);
  try {
    const platform = openPlatform(cli.config, progress, { signal: cli.signal });
    await platform.ready;
    return await work(platform.provider, progress);
  } finally {
    stop();
  }
}
