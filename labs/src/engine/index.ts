import { existsSync } from "node:fs";
import type { Config } from "../config.ts";
import { DrydockError } from "../errors.ts";
import type { Progress } from "../progress.ts";
import { createClient } from "./client.ts";
import { type Engine, LABEL_INSTALLATION } from "./engine.ts";
import { canInstall, installPodman } from "./install.ts";
import { podmanConfigPath } from "./podman-config.ts";
import { ensureModulesFolder, probePodman } from "./probe-podman.ts";
import { type Probe, probeDocker } from "./probe.ts";
import { missingRights, readRights, type Rights } from "./rights.ts";

export interface Rejection {
  name: Engine["name"];
  /** One line. */
  reason: string;
}

export interface EngineSearch {
  engine: Engine | undefined;
  rejected: Rejection[];
}

/**
 * Finds the first engine that really works, docker before podman, or the one that the configuration
 * names. Installs nothing; may write `<dataDir>/containers.conf`. Says why each candidate before it
 * was rejected.
 */
export async function findEngine(config: Config): Promise<EngineSearch> {
  const rejected: Rejection[] = [];
  const candidates = config.engine ? [config.engine] : (["docker", "podman"] as const);
  const proven = await findProven(config, candidates);
  if (proven) return { engine: proven, rejected };
  for (const name of candidates) {
    const probe = await (name === "docker" ? probeDocker() : probePodman(config)).catch(rejectMissing);
    if (probe.engine) {
      await ensureModulesFolder();
      return { engine: probe.engine, rejected };
    }
    rejected.push({ name, reason: probe.reason });
  }
  return { engine: undefined, rejected };
}

/**
 * The engine in which containers of this installation run at this moment: it needs no other proof,
 * which takes seconds on a machine that is busy.
 */
async function findProven(config: Config, candidates: readonly Engine["name"][]): Promise<Engine | undefined> {
  const own = podmanConfigPath(config);
  const search = candidates.map(async (name) => {
    const env: Record<string, string> = name === "podman" && existsSync(own) ? { CONTAINERS_CONF: own } : {};
    const client = createClient({ name, command: name, env, version: "" });
    const alive = ["running", "paused"].flatMap((status) => ["--filter", `status=${status}`]);
    const [found, version] = await Promise.all([
      client.tryRun(["ps", "-a", "-q", "--filter", `label=${LABEL_INSTALLATION}=${config.installation}`, ...alive], {
        timeoutMs: 5000,
      }),
      client.tryRun(["version", "--format", "{{.Client.Version}}"], { timeoutMs: 5000 }),
    ]);
    const works = found.exitCode === 0 && found.stdout.trim() !== "" && version.exitCode === 0;
    return works ? createClient({ ...client, version: version.stdout.trim() }) : undefined;
  });
  const engines = (await Promise.all(search.map((one) => one.catch(() => undefined)))).filter((engine) => engine !== undefined);
  // Both: one may be the other under its name.
  return engines.length === 1 ? engines[0] : undefined;
}

/**
 * A working engine: the one that is there, or with `install` podman, installed with apt where this
 * is root on a Debian or Ubuntu.
 * @throws DrydockError `engine.none`, whose advice says what to install; `engine.install`
 */
export async function ensureEngine(config: Config, progress: Progress, options: { install: boolean }): Promise<Engine> {
  return progress.phase({ id: "engine", title: "Finding a container engine", estimateMs: 2000 }, async (report) => {
    let found = await findEngine(config);
    if (!found.engine && options.install && config.engine !== "docker" && (await canInstall())) {
      await installPodman(report);
      found = await findEngine(config);
    }
    if (!found.engine) throw noEngine(found.rejected, await readRights(process.env));
    report(`${found.engine.name} ${found.engine.version}`);
    return found.engine;
  });
}

function noEngine(rejected: readonly Rejection[], rights: Rights | undefined): DrydockError {
  const reasons = rejected.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  const lacking = rights && missingRights(rights);
  if (lacking) {
    return new DrydockError("engine.none", `No containers can be run: ${lacking.what} (${reasons})`, { advice: lacking.advice });
  }
  return new DrydockError("engine.none", `No container engine works here (${reasons})`, {
    advice: "Install Docker (or podman with runc) and start its service, then try again",
  });
}

function rejectMissing(error: unknown): Probe {
  if (error instanceof DrydockError && error.code === "process.missing") return { reason: "not installed" };
  throw error;
}
