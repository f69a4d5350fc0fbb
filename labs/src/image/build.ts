import { join } from "node:path";
import type { Config } from "../config.ts";
import type { Engine } from "../engine/engine.ts";
import type { Progress } from "../progress.ts";
import { withLock } from "./artifact.mjs";
import { ensureBaseImage } from "./base-image.ts";
import { type Base, chooseBase } from "./choose-base.ts";
import { type BuildContext, cacheDir } from "./context.ts";
import { ensureGoPrograms } from "./go-step.ts";
import { ensureMirrorImages } from "./mirror-images.ts";
import { buildNodeImage } from "./node-image.ts";
import { pruneCache } from "./prune.ts";
import { baseAlreadyBuilt, currentArtifacts, extrasReference, goGroups, nodeReference, presentReferences } from "./reference.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

export interface NodeImage {
  /** What to hand to `kind create cluster --image`. */
  reference: string;
  base: Base["kind"];
}

/**
 * The node image for new sandboxes; builds it when it is not here. Needs no network when it is.
 * Each step is kept by the hash of its inputs, so an interrupted build goes on where it was; a
 * build by another process is waited for.
 * @throws DrydockError `image.*`; the signal's reason when it fires
 */
export async function ensureNodeImage(context: BuildContext): Promise<NodeImage> {
  const { config, engine, progress, signal } = context;
  const built = await findBuilt(config, engine);
  if (built) return built;
  const base = await progress.phase(
    { id: "node-base", title: "Choosing what the node image is made from", estimateMs: 1000 },
    async (report) => {
      const chosen = await chooseBase(config, signal);
      report(chosen.kind === "official" ? chosen.image : "no registry answers: building from source");
      return chosen;
    },
  );
  const reference = nodeReference(base, config);
  const waiting = new WaitPhase(progress);
  const makeOrFind = async (): Promise<NodeImage> => {
    waiting.end();
    const meanwhile = await findBuilt(config, engine);
    if (meanwhile) return meanwhile;
    await build(base, reference, context);
    await pruneCache(cacheDir(config), currentArtifacts(base, config), DAY_MS, Date.now());
    return { reference, base: base.kind };
  };
  try {
    return await withLock(join(cacheDir(config), "node-image.lock"), makeOrFind, { signal, onWait: () => waiting.begin() });
  } finally {
    waiting.end();
  }
}

/** Shows, as a phase of its own, that another process is at work. */
class WaitPhase {
  readonly #progress: Progress;
  #end: (() => void) | undefined;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  begin(): void {
    if (this.#end) return;
    const plan = { id: "other-build", title: "Waiting for another process that is building a node image" };
    void this.#progress.phase(plan, () => new Promise<void>((resolve) => (this.#end = resolve)));
  }

  end(): void {
    this.#end?.();
    this.#end = undefined;
  }
}

async function findBuilt(config: Config, engine: Engine): Promise<NodeImage | undefined> {
  const present = await presentReferences(engine);
  const base = baseAlreadyBuilt(config, present);
  if (!base) return undefined;
  const reference = nodeReference(base, config);
  const extras = extrasReference(reference, config);
  return { reference: present.has(extras) ? extras : reference, base: base.kind };
}

/** Go's compiler uses both cores for minutes; Debian and the mirror's images are made beside it. */
async function build(base: Base, reference: string, outer: BuildContext): Promise<void> {
  const stop = new AbortController();
  const context = { ...outer, signal: AbortSignal.any([stop.signal, ...(outer.signal ? [outer.signal] : [])]) };
  const { config, progress, signal } = context;
  const estimates = base.kind === "official" ? { go: 60_000, base: 60_000 } : { go: 300_000, base: 90_000 };
  const programs = progress.phase({ id: "go-programs", title: goTitle(base), estimateMs: estimates.go }, (report) =>
    ensureGoPrograms(goGroups(base), config, report, signal),
  );
  const debian = prepareDebian(base, context, estimates.base);
  const parts = Promise.all([programs, debian]);
  try {
    const [folders, { baseImage, mirror }] = await parts;
    await progress.phase({ id: "node-image", title: "Assembling the node image", estimateMs: 45_000 }, (report) =>
      buildNodeImage(reference, { base, baseImage, programs: folders, mirror }, context, report),
    );
  } finally {
    stop.abort();
    await Promise.allSettled([programs, debian]);
  }
}

async function prepareDebian(
  base: Base,
  context: BuildContext,
  estimateMs: number,
): Promise<{ baseImage: string; mirror: string }> {
  const { progress } = context;
  const title = base.kind === "official" ? "Fetching the official node image" : "Installing Debian for the nodes";
  const baseImage = await progress.phase({ id: "node-system", title, estimateMs }, (report) =>
    ensureBaseImage(base, context, report),
  );
  const mirror = await progress.phase(
    { id: "mirror-images", title: "Building the images of the registry mirror", estimateMs: 15_000 },
    (report) => ensureMirrorImages(base, baseImage, context, report),
  );
  return { baseImage, mirror };
}

function goTitle(base: Base): string {
  return base.kind === "official" ? "Building our own programs" : "Building Kubernetes";
}

/** The phases of a build, for a {@link Progress} that shows them before they begin. */
export const IMAGE_PHASES: Parameters<Progress["phase"]>[0][] = [
  { id: "go-programs", title: "Building Kubernetes", estimateMs: 300_000 },
  { id: "node-system", title: "Installing Debian for the nodes", estimateMs: 90_000 },
  { id: "mirror-images", title: "Building the images of the registry mirror", estimateMs: 15_000 },
  { id: "node-image", title: "Assembling the node image", estimateMs: 45_000 },
];
