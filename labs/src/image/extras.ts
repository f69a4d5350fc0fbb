import { join } from "node:path";
import { withLock } from "./artifact.mjs";
import { withBuildContainer } from "./build-container.ts";
import type { NodeImage } from "./build.ts";
import { type BuildContext, cacheDir } from "./context.ts";
import { ensureGoPrograms } from "./go-step.ts";
import { commitOptions } from "./node-image.ts";
import { extrasReference, presentReferences } from "./reference.ts";

/**
 * Adds what the first sandbox could wait for (helm) and commits it as a second tag, which
 * ensureNodeImage prefers once it is there. Returns that tag. Call it after ensureNodeImage, with
 * what that returned, when nothing is waiting for the machine.
 * @throws DrydockError `image.*`
 */
export async function ensureExtras(image: NodeImage, context: BuildContext): Promise<string> {
  const { config, engine, progress, signal } = context;
  const plain = image.reference.replace(/-extras-.*$/, "");
  const reference = extrasReference(plain, config);
  const present = async () => (await presentReferences(engine)).has(reference);
  if (await present()) return reference;
  return progress.phase({ id: "extras", title: "Adding helm to the node image", estimateMs: 60_000 }, async (report) => {
    const [programs] = await ensureGoPrograms(["extras"], config, report, signal);
    return withLock(
      join(cacheDir(config), "node-image.lock"),
      async () => {
        if (await present()) return reference;
        await withBuildContainer({ config, engine, image: plain, purpose: "extras", report, signal }, async (container) => {
          await container.copyIn(join(programs ?? "", "helm"), "/usr/local/bin/helm");
          await container.exec([
            "sh",
            "-c",
            "chmod 0755 /usr/local/bin/helm && helm completion bash >/usr/share/bash-completion/completions/helm",
          ]);
          await engine.run(["commit", ...commitOptions(config), container.name, reference], { signal });
        });
        return reference;
      },
      { signal },
    );
  });
}
