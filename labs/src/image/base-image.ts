import { LABEL } from "../engine/engine.ts";
import type { Report } from "../progress.ts";
import { type Base } from "./choose-base.ts";
import type { BuildContext } from "./context.ts";
import { isLoopbackRegistry } from "./registry.ts";
import { ensureRootfs, rootfsHash } from "./rootfs.ts";

/** Makes the engine have the base; returns its reference. */
export async function ensureBaseImage(base: Base, context: BuildContext, report: Report): Promise<string> {
  const { engine, config, signal } = context;
  if (base.kind === "official") {
    const plainHttp = engine.name === "podman" && isLoopbackRegistry(config.nodeRegistry) ? ["--tls-verify=false"] : [];
    report(`pulling ${base.image}`);
    await engine.run(["pull", ...plainHttp, base.image], { signal });
    return base.image;
  }
  const reference = `localhost/drydock/debian:${rootfsHash()}`;
  const there = await engine.tryRun(["image", "inspect", reference]);
  if (there.exitCode === 0) return reference;
  const rootfs = await ensureRootfs(context, report);
  report("importing it into the container engine");
  await engine.run(["import", "--change", `LABEL ${LABEL}=image`, rootfs, reference], { signal });
  return reference;
}
