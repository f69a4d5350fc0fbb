import { randomUUID } from "node:crypto";
import { readFileSync, statfsSync } from "node:fs";
import { freemem } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../labs/src/config.ts";
import { describeError, DrydockError } from "../../labs/src/errors.ts";
import { launchElsewhere } from "../../labs/src/launcher/launcher.ts";
import { loadScenarios } from "../../labs/src/scenarios/load.ts";
import { Catalogue } from "./catalogue.ts";
import { showPlatform } from "./console.ts";
import { type Exposure, exposureOfHost, exposureWithoutWall } from "./exposure.ts";
import { openLog } from "./log/open-log.ts";
import { openRealLab } from "./open-lab.ts";
import { serve } from "./serve.ts";
import { readSettings } from "./settings.ts";
import { lockDataDir } from "./store/lock.ts";

/**
 * Bytes that may still be written beside a file. Sandboxes lie elsewhere on most machines, but
 * mostly on the same disk.
 */
function freeDiskBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** The server as a program: `npm start` ends here. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const settings = readSettings(process.env);
  const lock = lockDataDir(config.dataDir);
  const log = openLog(join(config.dataDir, "server.log"), settings.logLevel);
  const { scenarios, broken } = loadScenarios(config.scenariosDir);
  for (const { slug, error } of broken) console.error(`The task ${slug} is left out: ${error.message}`);
  if (scenarios.length === 0) console.error(`There is no task in ${config.scenariosDir}: DRYDOCK_SCENARIOS says where they are`);
  const { version } = JSON.parse(readFileSync(join(config.projectDir, "package.json"), "utf8")) as { version: string };
  const show = showPlatform(process.stdout);
  // Its process ends with this one.
  launchElsewhere();
  // Whoever reads it may go first: a pipe to `head`, a terminal that is closed.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  const warn = ({ exposure, text }: Exposure) => {
    console.error(text);
    log.warn({ exposure }, text);
  };
  const open = exposureOfHost(settings);
  if (open) warn(open);
  const server = await serve({
    dataDir: config.dataDir,
    catalogue: new Catalogue(scenarios),
    openLab: openRealLab(config, (reason) => warn(exposureWithoutWall(settings, reason))),
    log,
    ...settings,
    pageDir: join(config.projectDir, "web/dist"),
    version,
    freeBytes: freemem,
    freeDiskBytes: () => freeDiskBytes(config.dataDir),
    monotonicMs: () => performance.now(),
    now: () => new Date(),
    newId: randomUUID,
    onPlatform: show,
    onLost(error) {
      console.error(`The server could not be started again after a restore: ${describeError(error)}`);
      process.exit(1);
    },
  });
  lock.announce(server.url);
  console.log(`Drydock is at ${server.url} (Ctrl-C stops it; its log: ${join(config.dataDir, "server.log")})`);
  log.info({ url: server.url, pid: process.pid }, "started");

  let stoppingSince: number | undefined;
  const stop = (signal: string) => {
    if (stoppingSince !== undefined) {
      // One Ctrl-C comes twice under npm: from the terminal, and from npm, which passes it on.
      if (performance.now() - stoppingSince > 1000) process.exit(130);
      return;
    }
    stoppingSince = performance.now();
    console.log("\nStopping: sandboxes in use are frozen, the next start takes them up again (Ctrl-C again ends at once)");
    log.info({ signal }, "stopping");
    server
      .stop()
      .then(() => lock.release())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(`Stopping failed: ${describeError(error)}`);
          process.exit(1);
        },
      );
  };
  process.on("SIGINT", () => stop("SIGINT"));
  process.on("SIGTERM", () => stop("SIGTERM"));
}

process.on("unhandledRejection", (error) => {
  // A fault of the program in one place must not take everybody's terminals down.
  console.error("A fault of the program:", error);
});

try {
  await main();
} catch (error) {
  console.error(error instanceof DrydockError ? describeError(error) : error);
  process.exit(1);
}
