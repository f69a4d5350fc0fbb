import type { Config } from "../config.ts";
import { DrydockError } from "../errors.ts";
import { PINS } from "./pins.ts";
import { firstTagOf } from "./registry.ts";

/**
 * What the node image is made from: an official kindest/node, or nothing but Go modules and Debian
 * packages.
 */
export type Base = { kind: "official"; image: string } | { kind: "source" };

/** The official images that will do, best first. */
export function officialImages(registry: string): string[] {
  return PINS.officialTags.map((tag) => `${registry}/kindest/node:${tag}`);
}

/**
 * Decides, from the setting and from what a registry was found to have. Only Linux can build from
 * source: it makes a Debian file system.
 * @throws DrydockError `image.no-base`
 */
export function decideBase(setting: Config["nodeBase"], found: string | undefined, platform: NodeJS.Platform): Base {
  if (setting !== "source" && found) return { kind: "official", image: found };
  if (setting === "official") {
    throw new DrydockError("image.no-base", "The registry has no official node image that fits, or does not answer", {
      advice: "Check the connection and DRYDOCK_NODE_REGISTRY, or unset DRYDOCK_NODE_BASE",
    });
  }
  if (platform === "linux") return { kind: "source" };
  throw new DrydockError(
    "image.no-base",
    "No container registry can be reached, and only Linux can build the node image from source",
    {
      advice: "Connect to the internet, or set DRYDOCK_NODE_REGISTRY to a registry that has kindest/node",
    },
  );
}

/**
 * Asks the registry, unless the setting makes that needless, and decides.
 * @throws DrydockError `image.no-base`
 */
export async function chooseBase(config: Config, signal?: AbortSignal): Promise<Base> {
  if (config.nodeBase === "source") return decideBase("source", undefined, process.platform);
  const tag = await firstTagOf(config.nodeRegistry, "kindest/node", PINS.officialTags, { signal });
  const found = tag && `${config.nodeRegistry}/kindest/node:${tag}`;
  return decideBase(config.nodeBase, found, process.platform);
}
