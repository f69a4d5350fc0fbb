import { basename, join } from "node:path";
import type { Config } from "../config.ts";
import type { Engine } from "../engine/engine.ts";
import { hashInputs } from "./artifact.mjs";
import { type Base, officialImages } from "./choose-base.ts";
import { cacheDir, IMAGE_DIR } from "./context.ts";
import { type GoGroup, goArtifact } from "./go-programs.mjs";
import { PINS, TOOL_PACKAGES } from "./pins.ts";
import { rootfsHash, rootfsPath } from "./rootfs.ts";

export const NODE_REPOSITORY = "localhost/drydock/node";

/** The Go programs that go onto each base: an official one has Kubernetes and crictl already. */
export function goGroups(base: Base): GoGroup[] {
  return base.kind === "official" ? ["tools"] : ["kubernetes", "storage", "tools", "crictl"];
}

/**
 * Changes with the stand-ins that the mirror serves, and with the Debian that they are taken from.
 */
export function mirrorHash(base: Base): string {
  return hashInputs({
    texts: [baseIdentity(base)],
    paths: [join(IMAGE_DIR, "node/stand-ins"), join(IMAGE_DIR, "node/steps/oci.sh")],
  });
}

/** The tag of the node image made from a base: changes with everything that goes into it. */
export function nodeReference(base: Base, config: Config): string {
  const texts = [
    baseIdentity(base),
    mirrorHash(base),
    JSON.stringify([PINS, TOOL_PACKAGES]),
    ...goGroups(base).map((group) => basename(goArtifact(group, cacheDir(config)))),
  ];
  return `${NODE_REPOSITORY}:${base.kind}-${hashInputs({ texts, paths: [join(IMAGE_DIR, "node"), join(IMAGE_DIR, "mirror.yaml")] })}`;
}

/** Paths, in the cache, of what the steps for a base make or have made. */
export function currentArtifacts(base: Base, config: Config): string[] {
  const cache = cacheDir(config);
  const groups: GoGroup[] = [...goGroups(base), "kind", "extras"];
  return [...groups.map((group) => goArtifact(group, cache)), rootfsPath(config), join(cache, `mirror-${mirrorHash(base)}.tar`)];
}

/** The second tag, with what the first sandbox could wait for. */
export function extrasReference(reference: string, config: Config): string {
  return `${reference}-extras-${goArtifact("extras", cacheDir(config)).slice(-6)}`;
}

function baseIdentity(base: Base): string {
  return base.kind === "official" ? base.image : `debian ${rootfsHash()}`;
}

/** The node images of this project that the engine has. */
export async function presentReferences(engine: Engine): Promise<Set<string>> {
  const output = await engine.run(["images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", `reference=${NODE_REPOSITORY}`]);
  return new Set(output.split("\n").filter(Boolean));
}

/**
 * A base whose node image is here already, so that nothing needs to be asked or built. Official
 * ones first, as chooseBase prefers them.
 */
export function baseAlreadyBuilt(config: Config, present: ReadonlySet<string>): Base | undefined {
  const official: Base[] =
    config.nodeBase === "source" ? [] : officialImages(config.nodeRegistry).map((image) => ({ kind: "official", image }));
  const source: Base[] = config.nodeBase === "official" ? [] : [{ kind: "source" }];
  return [...official, ...source].find((base) => present.has(nodeReference(base, config)));
}
