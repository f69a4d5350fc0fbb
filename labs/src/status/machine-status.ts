import type { Config } from "../config.ts";
import { createClient } from "../engine/client.ts";
import { findEngine } from "../engine/index.ts";
import { DrydockError } from "../errors.ts";
import { createKindProvider } from "../sandbox/index.ts";
import type { SandboxRecord } from "../sandbox/provider.ts";
import { measureUsage, type SandboxUsage } from "../sandbox/usage.ts";

/**
 * A sandbox as the engine and its record say; without memory and disk where its containers are
 * gone.
 */
export type SandboxStatus = SandboxRecord & Partial<Pick<SandboxUsage, "memoryBytes" | "diskBytes">>;

/** What this machine's engine has of the installation. */
export interface MachineStatus {
  engine: string | undefined;
  sandboxes: SandboxStatus[];
}

/** Whoever asks how things stand is told within this time that the engine does not say. */
const MOST_MS = 15_000;

/**
 * Looks at the sandboxes without a server. Installs and makes nothing; without an engine there are
 * none.
 * @throws DrydockError `process.failed`, of an engine that hangs too
 */
export async function examineSandboxes(config: Config): Promise<MachineStatus> {
  const { engine: found } = await findEngine(config);
  if (!found) return { engine: undefined, sandboxes: [] };
  const engine = createClient(found, { timeoutMs: MOST_MS });
  const provider = createKindProvider({ config, engine, kindPath: makesNothing, nodeImage: makesNothing });
  const [records, usages] = await Promise.all([provider.list(), measureUsage(engine, config.installation)]);
  const sandboxes = records.map((record) => ({ ...record, ...usages.find(({ id }) => id === record.id) }));
  return { engine: `${engine.name} ${engine.version}`, sandboxes };
}

function makesNothing(): Promise<never> {
  return Promise.reject(new DrydockError("status.makes-nothing", "Looking at sandboxes makes none"));
}
