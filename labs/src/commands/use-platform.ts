import { openPlatform } from "../platform.ts";
import { Progress } from "../progress.ts";
import type { Owner, SandboxProvider } from "../sandbox/provider.ts";
import { isDeadJob } from "../grading/job.ts";
import type { Cli } from "./cli-context.ts";
import { showProgress } from "./show-progress.ts";

/** Runs a command's work on this machine's platform, showing what is done meanwhile. */
export async function usePlatform<T>(cli: Cli, work: (provider: SandboxProvider, progress: Progress) => Promise<T>): Promise<T> {
  const progress = new Progress();
  const stop = showProgress(progress, cli);
  try {
    const { provider } = await openPlatform(cli.config, progress, cli.signal);
    return await work(provider, progress);
  } finally {
    stop();
  }
}

/**
 * As {@link usePlatform}, for commands that make sandboxes: what an earlier command left behind
 * when it was killed (half made, or in use by it alone) is removed first. Sandboxes that live only
 * as long as the command are leased for {@link ownJob}.
 */
export async function makeSandboxes<T>(
  cli: Cli,
  owner: Owner,
  work: (provider: SandboxProvider, progress: Progress) => Promise<T>,
): Promise<T> {
  return usePlatform(cli, async (provider, progress) => {
    for (const id of await removeLeftOver(provider, owner))
      cli.say(`Removed the sandbox ${id}, which an earlier command has left`);
    return work(provider, progress);
  });
}

/**
 * Removes sandboxes that commands have left behind which are no more: half made, or in use by such
 * a command alone. Returns their ids.
 */
export async function removeLeftOver(
  provider: Pick<SandboxProvider, "collectGarbage" | "list" | "remove">,
  owner: Owner,
): Promise<string[]> {
  const removed = await provider.collectGarbage(owner);
  for (const { id, leasedFor } of await provider.list()) {
    if (!isDeadJob(leasedFor)) continue;
    await provider.remove(id);
    removed.push(id);
  }
  return removed;
}
