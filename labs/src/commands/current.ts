import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Config } from "../config.ts";
import { DrydockError } from "../errors.ts";

/** The sandbox that `up` made and the other commands mean, remembered in the data directory. */
const currentSchema = z.object({ sandbox: z.string(), scenarioDir: z.string() });
export type Current = z.infer<typeof currentSchema>;

const fileOf = (config: Config) => join(config.dataDir, "cli-current.json");

/** Undefined when there is none. */
export async function readCurrent(config: Config): Promise<Current | undefined> {
  const text = await readFile(fileOf(config), "utf8").catch(() => undefined);
  return text === undefined ? undefined : currentSchema.parse(JSON.parse(text));
}

/** @throws DrydockError `cli.no-sandbox` */
export async function requireCurrent(config: Config): Promise<Current> {
  const current = await readCurrent(config);
  if (!current) throw new DrydockError("cli.no-sandbox", "There is no sandbox", { advice: "`drydock up <scenario>` makes one" });
  return current;
}

export async function writeCurrent(config: Config, current: Current): Promise<void> {
  await mkdir(config.dataDir, { recursive: true });
  await writeFile(fileOf(config), JSON.stringify(current));
}

export async function forgetCurrent(config: Config): Promise<void> {
  await rm(fileOf(config), { force: true });
}
