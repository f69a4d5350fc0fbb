/**
 * A server that is there to be killed: real store, real terminals, an engine of files. Its
 * arguments: one JSON object.
 */
import { randomUUID } from "node:crypto";
import pino from "pino";
import { Catalogue } from "../catalogue.ts";
import { startServer } from "../server.ts";
import { openStore } from "../store/store.ts";
import { createFakeLab, FakeEngine, fakeReport, fakeScenario } from "./fake-lab.ts";
import { TEST_OPTIONS } from "./options.ts";
import { FolderRecords } from "./folder-records.ts";
import { localShellCommand } from "./keeper.ts";

export interface CrashServerArguments {
  dataDir: string;
  engineDir: string;
  port: number;
  keeper: string;
  keeperDir: string;
}

const { dataDir, engineDir, port, keeper, keeperDir } = JSON.parse(process.argv[2]!) as CrashServerArguments;
const engine = new FakeEngine(new FolderRecords(engineDir), randomUUID);
const server = await startServer({
  ...TEST_OPTIONS,
  store: await openStore(dataDir),
  catalogue: new Catalogue([fakeScenario("one"), fakeScenario("two")]),
  openLab: async () =>
    createFakeLab(engine, {
      createMs: 150,
      grade: async (scenario) => {
        await new Promise((next) => setTimeout(next, 50));
        return fakeReport(scenario, "failed");
      },
      shellCommand: localShellCommand({ binary: keeper, dir: keeperDir }),
    }),
  log: pino({ level: "silent" }),
  port,
  pageDir: dataDir,
});
console.log(server.url);
