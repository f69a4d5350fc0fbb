import { z } from "zod";
import { type Engine, LABEL_HOST, LABEL_INSTALLATION, LABEL_OWNER, LABEL_SANDBOX, LABEL_SCOPE } from "../engine/engine.ts";
import { DrydockError } from "../errors.ts";
import { scopeOf } from "./labels.ts";
import { sandboxIdOf } from "./names.ts";
import type { Owner } from "./provider.ts";

/** The part of `container inspect` that docker and podman print alike. */
const inspectSchema = z.array(
  z.object({
    Name: z.string(),
    State: z.object({ Status: z.string() }),
    Config: z.object({ Labels: z.record(z.string(), z.string()).nullable() }),
  }),
);

export interface NodeContainer {
  name: string;
  sandboxId: string;
  owner: string;
  host: string;
  /** `running`, `paused`, `exited`, … as the engine says. */
  status: string;
}

/** Which objects are meant: those of an installation, of one of its owners, or of one sandbox. */
export type LabelFilter = { installation: string } | { installation: string; owner: Owner } | { sandboxId: string };

/**
 * Options that choose these objects, for `ps`, `network ls` and `volume ls`: one label only, see
 * {@link LABEL_SCOPE}.
 */
function filterArgs(filter: LabelFilter): string[] {
  if ("sandboxId" in filter) return ["--filter", `label=${LABEL_SANDBOX}=${filter.sandboxId}`];
  if ("owner" in filter) return ["--filter", `label=${LABEL_SCOPE}=${scopeOf(filter)}`];
  return ["--filter", `label=${LABEL_INSTALLATION}=${filter.installation}`];
}

/**
 * The nodes with these labels, whatever their state; other containers of the installation (the
 * short-lived one that raises the kernel's limits) are left out.
 * @throws DrydockError `process.failed` when the engine does not answer
 */
export async function listContainers(engine: Engine, filter: LabelFilter): Promise<NodeContainer[]> {
  for (let attempt = 1; ; attempt++) {
    const ids = lines(await engine.run(["ps", "-a", "-q", "--no-trunc", ...filterArgs(filter)]));
    if (ids.length === 0) return [];
    const result = await engine.tryRun(["container", "inspect", ...ids]);
    // One that went away between the two calls makes the whole call fail: look again.
    if (result.exitCode === 0) {
      const containers = inspectSchema.parse(JSON.parse(result.stdout)).map(toContainer);
      return containers.filter(({ sandboxId }) => sandboxId !== "");
    }
    if (attempt === 5)
      throw new DrydockError("process.failed", `${engine.name} container inspect failed: ${result.stderr.trim()}`);
  }
}

function toContainer({ Name, State, Config }: z.infer<typeof inspectSchema>[number]): NodeContainer {
  const labels = Config.Labels ?? {};
  return {
    name: Name.replace(/^\//, ""),
    sandboxId: labels[LABEL_SANDBOX] ?? "",
    owner: labels[LABEL_OWNER] ?? "",
    host: labels[LABEL_HOST] ?? "",
    status: State.Status,
  };
}

/** Names of the networks with these labels. */
export async function listNetworks(engine: Engine, filter: LabelFilter): Promise<string[]> {
  return lines(await engine.run(["network", "ls", "--format", "{{.Name}}", ...filterArgs(filter)]));
}

/** Names of the volumes with these labels. */
export async function listVolumes(engine: Engine, filter: LabelFilter): Promise<string[]> {
  return lines(await engine.run(["volume", "ls", "--format", "{{.Name}}", ...filterArgs(filter)]));
}

/** Ids of every sandbox of which the engine holds anything with these labels. */
export async function listSandboxIds(engine: Engine, filter: LabelFilter): Promise<Set<string>> {
  const [containers, networks, volumes] = await Promise.all([
    listContainers(engine, filter),
    listNetworks(engine, filter),
    listVolumes(engine, filter),
  ]);
  const named = [...networks, ...volumes].map(sandboxIdOf).filter((id) => id !== undefined);
  return new Set([...containers.map(({ sandboxId }) => sandboxId), ...named]);
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
