import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { DIFFERENCES } from "../engine/differences.ts";
import type { Engine } from "../engine/engine.ts";
import { DrydockError } from "../errors.ts";
import { WITHOUT_PROXY } from "../proxy.ts";
import { labelArgs } from "./labels.ts";
import { clusterName, containerName } from "./names.ts";
import { type NodeSpec, nodeArgs } from "./node-args.ts";
import { TOPOLOGIES } from "./provider.ts";

export interface ShimSpec extends NodeSpec {
  /** A folder of this sandbox alone. */
  folder: string;
  engine: Engine;
}

/**
 * Puts `engine-shim.sh` under the engine's name into `folder`, with what it is to add to each
 * container.
 * @returns the environment in which kind must run.
 */
export async function writeShim(spec: ShimSpec): Promise<Record<string, string | undefined>> {
  const { folder, engine, labels } = spec;
  const program = join(folder, engine.name);
  await mkdir(folder, { recursive: true });
  await copyFile(join(import.meta.dirname, "engine-shim.sh"), program);
  await chmod(program, 0o755);
  await writeLines(join(folder, "volume.args"), labelArgs("volume", labels));
  const { kindProvider, kindNetworkVariable, withoutProxyArgs } = DIFFERENCES[engine.name];
  for (const host of TOPOLOGIES[spec.topology]) {
    const args = [...withoutProxyArgs, ...nodeArgs(spec, host)];
    await writeLines(join(folder, `${containerName(labels.id, spec.topology, host)}.args`), args);
  }
  if (spec.delegate) await writeLines(join(folder, "delegate.args"), spec.delegate);
  const path = process.env["PATH"] ?? "";
  return {
    ...engine.env,
    // kind would write them into the nodes.
    ...WITHOUT_PROXY,
    PATH: `${folder}${delimiter}${path}`,
    DRYDOCK_SHIM_ENGINE: findProgram(engine.command, path),
    DRYDOCK_SHIM_DIR: folder,
    DRYDOCK_SHIM_MAKER: String(process.pid),
    KIND_EXPERIMENTAL_PROVIDER: kindProvider,
    [kindNetworkVariable]: clusterName(labels.id),
  };
}

async function writeLines(path: string, lines: readonly string[]): Promise<void> {
  await writeFile(path, lines.map((line) => `${line}\n`).join(""));
}

function findProgram(command: string, path: string): string {
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, command);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      continue;
    }
  }
  throw new DrydockError("process.missing", `${command} is not installed`);
}
