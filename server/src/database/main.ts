/**
 * What the command line does with the database. It is the server's program, as only the server
 * knows its database: `drydock backup` and `drydock restore` run it.
 */
import { parseArgs } from "node:util";
import { readConfig } from "../../../labs/src/config.ts";
import { describeError, DrydockError } from "../../../labs/src/errors.ts";
import { backUp } from "../store/backup.ts";
import { readInUse } from "../store/examine.ts";
import { showBackup, showRestored } from "./words.ts";
import { restore } from "./restore.ts";
import { join, resolve } from "node:path";

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { force: { type: "boolean", default: false } } });
  const [verb, file = ""] = positionals;
  const { dataDir } = readConfig(process.env);
  const options = { force: values.force, now: new Date() };
  if (verb === "backup") console.log(showBackup(backUp(dataDir, resolve(file), options)));
  else if (verb === "restore") console.log(showRestored(resolve(file), await restore(dataDir, resolve(file), options)));
  else if (verb === "in-use") console.log(JSON.stringify(readInUse(join(dataDir, "drydock.db"))));
  else throw new DrydockError("database.verb", `There is nothing to do that is called ${verb}`);
}

try {
  await main();
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 2;
}
