import { relative } from "node:path";
import { ownJob } from "../grading/job.ts";
import { setUp } from "../grading/set-up.ts";
import { setUpWithRetry } from "../grading/set-up-retry.ts";
import type { Progress } from "../progress.ts";
import type { Sandbox, SandboxProvider } from "../sandbox/provider.ts";
import type { Scenario } from "../scenarios/schema.ts";
import { findScenario, type Cli, type DefineCommand } from "./cli-context.ts";
import { forgetCurrent, readCurrent, writeCurrent } from "./current.ts";
import { makeSandboxes } from "./use-platform.ts";

/** `drydock up <scenario>` */
export const defineUp: DefineCommand = (program, cli) => {
  program
    .command("up")
    .description("make a sandbox and prepare a scenario in it; it takes the place of the one before")
    .argument("<scenario>", "its name, or a path to its folder")
    .action(async (name: string) => {
      const scenario = findScenario(cli, name);
      await makeSandboxes(cli, "cli", (provider, progress) => bringUp(cli, provider, progress, scenario));
      cli.print(
        `${scenario.title.en}\n\n${scenario.task.en.trim()}\n\nNext: drydock shell ${scenario.host}, drydock check, drydock down`,
      );
    });
};

/**
 * A fresh sandbox for the scenario, instead of the current one. Nothing is left of one whose set-up
 * fails, also at the second try.
 */
export async function bringUp(cli: Cli, provider: SandboxProvider, progress: Progress, scenario: Scenario): Promise<Sandbox> {
  const before = await readCurrent(cli.config);
  if (before) {
    await provider.remove(before.sandbox);
    await forgetCurrent(cli.config);
  }
  const { signal } = cli;
  const discard = async (sandbox: Sandbox) => {
    cli.say(`Removing the sandbox of ${relative(process.cwd(), scenario.dir)}, which could not be prepared`);
    await provider.remove(sandbox.id);
  };
  const sandbox = await setUpWithRetry<Sandbox>({
    progress,
    signal,
    async make(insteadOf) {
      if (insteadOf) await discard(insteadOf);
      return provider.create({
        topology: scenario.topology,
        owner: "cli",
        leasedFor: ownJob(scenario.slug),
        signal,
        progress,
      });
    },
    discard,
    setUp: (one) => setUp(scenario, one, { signal }),
    onRetry: (error) => cli.say(`${error.message}\nOnce more, on a fresh sandbox`),
  });
  try {
    await writeCurrent(cli.config, { sandbox: sandbox.id, scenarioDir: scenario.dir });
    // From here on it outlives this command.
    await provider.lease(sandbox.id, scenario.slug);
    return sandbox;
  } catch (error) {
    await discard(sandbox);
    throw error;
  }
}
