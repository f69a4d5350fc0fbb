import { findEngine } from "../engine/index.ts";
import { clean } from "../sandbox/clean.ts";
import { DrydockError } from "../errors.ts";
import { askServer } from "../status/ask-server.ts";
import { findServerNote } from "../status/server-note.ts";
import type { Cli, DefineCommand } from "./cli-context.ts";
import { forgetCurrent } from "./current.ts";
import { readSessionsInUse } from "./database.ts";

/** `drydock clean` */
export const defineClean: DefineCommand = (program, cli) => {
  program
    .command("clean")
    .description("remove every container, volume, network and image of this installation, and say what was removed")
    .option("--everybody", "those of other installations (data directories) on this engine too")
    .option("--force", "also while a server runs on the data directory, whose sessions lose their clusters")
    .option("--keep-images", "leave the node image, which takes minutes to make")
    .action(async ({ force, ...options }: { everybody?: boolean; keepImages?: boolean; force?: boolean }) => {
      if (!force) await refuseBesideServer(cli);
      const { engine } = await findEngine(cli.config);
      if (!engine) return cli.print("There is no container engine, so there is nothing to remove");
      const removed = Object.entries(await clean(engine, cli.config, options));
      await forgetCurrent(cli.config);
      for (const [kind, names] of removed) for (const name of names) cli.print(`removed ${kind.replace(/s$/, "")} ${name}`);
      if (removed.every(([, names]) => names.length === 0)) cli.print("There was nothing to remove");
    });
};

/**
 * @throws DrydockError `clean.server-runs`, which names the sessions that would lose their clusters
 */
async function refuseBesideServer({ config, signal, say }: Cli): Promise<void> {
  const note = await findServerNote(config.dataDir);
  // One that hangs holds its sandboxes as much as one that answers.
  const isRunning = note && (await askServer(note, signal).catch(() => "silent"));
  if (!isRunning) return;
  const sessions = await readSessionsInUse(config, signal);
  if (sessions.length > 0) say("These sessions would lose their clusters:");
  for (const one of sessions) say(`  ${one.scenario} (session ${one.id}, ${one.state}, since ${one.startedAt})`);
  const losing = sessions.length > 0 ? "Nothing was removed" : "No session has a cluster now, but the server makes some ahead";
  throw new DrydockError(
    "clean.server-runs",
    `A server runs on ${config.dataDir}: ${note.url} (process ${note.pid}). ${losing}`,
    {
      advice: "Stop it first, or clean with --force",
    },
  );
}
