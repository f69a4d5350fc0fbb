import { z } from "zod";
import type { Config } from "../config.ts";
import { DIFFERENCES } from "../engine/differences.ts";
import { type Engine, LABEL, LABEL_INSTALLATION } from "../engine/engine.ts";
import { presentReferences } from "../image/reference.ts";
import { listSandboxIds } from "./engine-objects.ts";
import { killOrphans } from "./orphans.ts";
import { Records } from "./records.ts";
import { removeWall } from "./wall.ts";

export interface Cleaned {
  containers: string[];
  volumes: string[];
  networks: string[];
  images: string[];
  /** The wall around the sandboxes of all installations: it goes with the last. */
  walls: string[];
}

const imagesSchema = z.array(
  z.object({
    Id: z.string(),
    RepoTags: z.array(z.string()).nullish(),
    Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
  }),
);

/**
 * Removes every container, volume, network and image that carries the project's label, and the
 * sandboxes' records: those of this installation and what belongs to none, or with `everybody`
 * those of all installations on this engine; `keepImages` leaves the images. Runs nothing while it
 * is in use.
 * @returns what was removed, by name
 */
export async function clean(engine: Engine, config: Config, { everybody = false, keepImages = false } = {}): Promise<Cleaned> {
  const records = new Records(config.dataDir);
  const ids = new Set([...(await listSandboxIds(engine, { installation: config.installation })), ...(await records.ids())]);
  for (const id of ids) if (id) await killOrphans(id);

  const label = everybody ? LABEL : `${LABEL_INSTALLATION}=${config.installation}`;
  const names = async (...list: string[]): Promise<string[]> => {
    const text = await engine.run([...list, "--filter", `label=${label}`]);
    return text.split("\n").filter((name) => name.trim() !== "");
  };
  const containers = await names("ps", "-a", "--format", "{{.Names}}");
  if (containers.length > 0) await engine.run(["rm", "-f", "-v", ...DIFFERENCES[engine.name].killArgs, ...containers]);
  const volumes = await names("volume", "ls", "--format", "{{.Name}}");
  if (volumes.length > 0) await engine.run(["volume", "rm", "-f", ...volumes]);
  const networks = await names("network", "ls", "--format", "{{.Name}}");
  if (networks.length > 0) await engine.run(["network", "rm", ...networks]);
  const walls = await removeWallWithLast(engine, config);
  const images = keepImages ? [] : await removeImages(engine, everybody ? undefined : config.installation);
  for (const id of await records.ids()) await records.remove(id);
  return { containers, volumes, networks, images, walls };
}

async function removeWallWithLast(engine: Engine, config: Config): Promise<string[]> {
  if ((await engine.run(["network", "ls", "--format", "{{.Name}}", "--filter", `label=${LABEL}`])).trim() !== "") return [];
  // The program that takes it down is in every node image; without one there is nothing to protect
  // and no harm in what is left.
  for (const image of [...(config.nodeImage ? [config.nodeImage] : []), ...(await presentReferences(engine))]) {
    const removed = await removeWall(engine, image, config.installation);
    if (removed !== undefined) return removed ? ["of nftables around the sandboxes"] : [];
  }
  return [];
}

/**
 * By name and never by force: podman would take the containers of other installations away with an
 * image. What refuses to go stays.
 */
async function removeImages(engine: Engine, installation: string | undefined): Promise<string[]> {
  const ids = (await engine.run(["images", "-a", "-q", "--no-trunc", "--filter", `label=${LABEL}`])).split("\n").filter(Boolean);
  if (ids.length === 0) return [];
  const inspected = await engine.tryRun(["image", "inspect", ...new Set(ids)]);
  const removed: string[] = [];
  for (const image of imagesSchema.parse(JSON.parse(inspected.stdout))) {
    const owner = image.Config?.Labels?.[LABEL_INSTALLATION];
    if (installation !== undefined && owner !== undefined && owner !== installation) continue;
    for (const name of image.RepoTags?.length ? image.RepoTags : [image.Id]) {
      const result = await engine.tryRun(["rmi", name]);
      if (result.exitCode === 0) removed.push(name);
    }
  }
  return removed;
}
