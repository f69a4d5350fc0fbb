import { askServer } from "../status/ask-server.ts";
import { examineSandboxes } from "../status/machine-status.ts";
import { findServerNote } from "../status/server-note.ts";
import { showMachine, showServer } from "./show-status.ts";
import type { DefineCommand } from "./cli-context.ts";

/** `drydock status` */
export const defineStatus: DefineCommand = (program, cli) => {
  program
    .command("status")
    .description(
      "say how the server does: sandboxes, sessions, terminals, durations, errors; without one, which sandboxes are there",
    )
    .option("--json", "the same as JSON")
    .action(async ({ json }: { json?: boolean }) => {
      const note = await findServerNote(cli.config.dataDir);
      const server = note && (await askServer(note, cli.signal));
      const machine = server ? undefined : await examineSandboxes(cli.config);
      if (json) return cli.print(JSON.stringify({ server: server ?? null, machine: machine ?? null }, undefined, 2));
      if (server) for (const line of showServer(server, new Date())) cli.print(line);
      if (!machine) return;
      cli.print(`No server runs on ${cli.config.dataDir}\n`);
      for (const line of showMachine(machine)) cli.print(line);
    });
};
