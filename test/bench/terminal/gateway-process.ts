/**
 * This project's server with real store, sessions and terminals, to be measured from outside. Its
 * arguments: one JSON object.
 */
import pino from "pino";
import { readConfig } from "../../../labs/src/config.ts";
import { openPlatform } from "../../../labs/src/platform.ts";
import { Progress } from "../../../labs/src/progress.ts";
import type { Sandbox } from "../../../labs/src/sandbox/provider.ts";
import { Catalogue } from "../../../server/src/catalogue.ts";
import { startServer } from "../../../server/src/server.ts";
import { openStore } from "../../../server/src/store/store.ts";
import { createFakeLab, FakeEngine, fakeScenario } from "../../../server/src/testing/fake-lab.ts";
import { localShellCommand } from "../../../server/src/testing/keeper.ts";
import { TEST_OPTIONS } from "../../../server/src/testing/options.ts";

/** Where the shells are: behind a keeper on this machine, or in a sandbox that is there already. */
export type ShellPlace = { binary: string; dir: string } | { sandbox: string };

export interface GatewayArguments {
  dataDir: string;
  pageDir: string;
  port: number;
  shells: ShellPlace;
}

const { dataDir, pageDir, port, shells } = JSON.parse(process.argv[2]!) as GatewayArguments;

async function shellCommandOf(place: ShellPlace): Promise<Sandbox["shellCommand"]> {
  if (!("sandbox" in place)) return localShellCommand(place);
  const { provider } = await openPlatform(readConfig(process.env), new Progress());
  const sandbox = await provider.open(place.sandbox);
  return (host, argv) => sandbox.shellCommand(host, argv);
}

// Sessions, whose sandboxes are pretended, cost nothing: each measurement has one of its own.
const shellCommand = await shellCommandOf(shells);
await startServer({
  ...TEST_OPTIONS,
  maxSandboxes: 1000,
  store: await openStore(dataDir),
  catalogue: new Catalogue([fakeScenario("bench")]),
  openLab: async () => createFakeLab(new FakeEngine(), { shellCommand }),
  log: pino({ level: "warn" }, pino.destination(2)),
  port,
  pageDir,
});
