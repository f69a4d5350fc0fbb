import { join } from "node:path";
import type { Report } from "../progress.ts";
import { ensureArtifact } from "./artifact.mjs";
import { withBuildContainer } from "./build-container.ts";
import type { Base } from "./choose-base.ts";
import { type BuildContext, cacheDir, IMAGE_DIR } from "./context.ts";
import { mirrorHash } from "./reference.ts";

/**
 * The images that the registry mirror serves, as a tar of an OCI layout, built from Debian packages
 * in a container of the base. Returns its path.
 */
export async function ensureMirrorImages(base: Base, baseImage: string, context: BuildContext, report: Report): Promise<string> {
  const { config, engine, signal } = context;
  return ensureArtifact(
    join(cacheDir(config), `mirror-${mirrorHash(base)}.tar`),
    (unfinished) =>
      withBuildContainer({ config, engine, image: baseImage, purpose: "mirror", report, signal }, async (container) => {
        await container.copyIn(`${join(IMAGE_DIR, "node")}/.`, "/drydock");
        await container.exec(["/drydock/stand-ins/build.sh"]);
        await container.copyOut("/drydock/mirror.tar", unfinished);
      }),
    { signal, onWait: () => report("waiting for another build of them") },
  );
}
