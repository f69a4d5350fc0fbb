import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Config } from "../config.ts";
import { LABEL, LABEL_INSTALLATION } from "../engine/engine.ts";
import { run } from "../process.ts";
import type { Report } from "../progress.ts";
import { type BuildContainer, withBuildContainer } from "./build-container.ts";
import type { Base } from "./choose-base.ts";
import { type BuildContext, cacheDir, IMAGE_DIR } from "./context.ts";
import { PINS, TOOL_PACKAGES } from "./pins.ts";

export interface NodeImageParts {
  base: Base;
  baseImage: string;
  /** Folders of Go programs. */
  programs: readonly string[];
  /** The tar of the mirror's OCI layout. */
  mirror: string;
}

/**
 * Puts our layer on the base, by one and the same script for both bases (node/install.sh), and
 * commits it as `reference`.
 */
export async function buildNodeImage(
  reference: string,
  parts: NodeImageParts,
  context: BuildContext,
  report: Report,
): Promise<void> {
  const { config, engine, signal } = context;
  await withBuildContainer({ config, engine, image: parts.baseImage, purpose: "node", report, signal }, async (container) => {
    report("copying the parts");
    await copyParts(container, parts, config, signal);
    await container.exec(["/drydock/install.sh"]);
    await container.exec(["rm", "-rf", "/drydock"]);
    report("saving the image");
    await engine.run(["commit", ...commitOptions(config), container.name, reference], { signal });
  });
}

/**
 * What a node image says of itself; the labels make every node container of it a thing of the
 * project too.
 */
export function commitOptions(config: Config): string[] {
  const changes = [
    'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]',
    "CMD []",
    "ENV container=docker",
    "STOPSIGNAL SIGRTMIN+3",
    `LABEL ${LABEL}=image`,
    `LABEL ${LABEL_INSTALLATION}=${config.installation}`,
  ];
  return [...changes.flatMap((change) => ["--change", change])];
}

async function copyParts(container: BuildContainer, parts: NodeImageParts, config: Config, signal?: AbortSignal): Promise<void> {
  await container.copyIn(`${join(IMAGE_DIR, "node")}/.`, "/drydock");
  await container.exec(["mkdir", "-p", "/drydock/bin", "/drydock/kind-files"]);
  for (const folder of parts.programs) await container.copyIn(`${folder}/.`, "/drydock/bin");
  await container.copyIn(parts.mirror, "/drydock/mirror.tar");
  await container.copyIn(join(IMAGE_DIR, "mirror.yaml"), "/drydock/mirror.yaml");
  if (parts.base.kind === "source") await container.copyIn(`${await kindFiles(signal)}/.`, "/drydock/kind-files");
  const versions = join(cacheDir(config), `versions-${process.pid}.env`);
  await mkdir(cacheDir(config), { recursive: true });
  await writeFile(versions, versionsText(parts.base));
  try {
    await container.copyIn(versions, "/drydock/versions.env");
  } finally {
    await rm(versions, { force: true });
  }
}

function versionsText(base: Base): string {
  const values = {
    NODE_BASE: base.kind,
    KUBERNETES_VERSION: PINS.kubernetes,
    PAUSE_VERSION: PINS.pause,
    ETCD_IMAGE_TAG: PINS.etcdImageTag,
    COREDNS_VERSION: PINS.coredns,
    LOCAL_PATH_VERSION: PINS.localPathProvisioner,
    TOOL_PACKAGES: TOOL_PACKAGES.join(" "),
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join("");
}

/**
 * kind's own files for a node (entrypoint, units, containerd's configuration), in its Go module.
 */
async function kindFiles(signal?: AbortSignal): Promise<string> {
  const output = await run("go", ["mod", "download", "-json", "sigs.k8s.io/kind"], { cwd: join(IMAGE_DIR, "go"), signal });
  return join((JSON.parse(output) as { Dir: string }).Dir, "images/base/files");
}
