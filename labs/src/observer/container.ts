import { join } from "node:path";
import type { Config } from "../config.ts";
import { DIFFERENCES } from "../engine/differences.ts";
import { type Engine, LABEL, LABEL_INSTALLATION } from "../engine/engine.ts";
import { DrydockError } from "../errors.ts";
import { withLock } from "../image/artifact.mjs";

/** The observer's program, in the node image. */
export const OBSERVER_PROGRAM = "/usr/local/bin/drydock-observer";
/** The image that an observer was started from, without the extras that come later. */
const LABEL_IMAGE = "drydock.observer-image";
const START_TIMEOUT_MS = 60_000;

/**
 * The observer's container: one for each installation. Unlike a sandbox's objects it is not named
 * `drydock-…`.
 */
export function observerName(installation: string): string {
  return `drydock.observer.${installation}`;
}

/**
 * Sees to it that the observer runs, from the current image: privileged, with the processes and the
 * network of the engine's machine, and a file system of its own.
 * @throws DrydockError `observer.start`
 */
export async function ensureObserver(
  engine: Engine,
  config: Pick<Config, "installation" | "dataDir">,
  image: string,
): Promise<void> {
  const name = observerName(config.installation);
  const version = image.replace(/-extras-.*$/, "");
  await withLock(join(config.dataDir, "observer.lock"), async () => {
    const format = `{{.State.Status}} {{index .Config.Labels "${LABEL_IMAGE}"}}`;
    const found = await engine.tryRun(["container", "inspect", "--format", format, name]);
    if (found.exitCode === 0 && found.stdout.trim() === `running ${version}`) return;
    if (found.exitCode === 0) await removeObserver(engine, config.installation);
    const labels = [`${LABEL}=observer`, `${LABEL_INSTALLATION}=${config.installation}`, `${LABEL_IMAGE}=${version}`];
    const started = await engine.tryRun(
      [
        ...["run", "--detach", "--name", name, "--privileged", "--pid=host", "--network=host", "--cgroupns=host"],
        ...DIFFERENCES[engine.name].withoutProxyArgs,
        ...["--restart=no", "--entrypoint", OBSERVER_PROGRAM, ...labels.map((label) => `--label=${label}`), image, "serve"],
      ],
      { timeoutMs: START_TIMEOUT_MS },
    );
    if (started.exitCode === 0) return;
    throw new DrydockError(
      "observer.start",
      `The observer, which looks at sandboxes from outside, does not start: ${started.stderr.trim()}`,
      {
        advice: `See whether ${engine.name} may run privileged containers (drydock doctor)`,
      },
    );
  });
}

/** Removes the observer's container; one that is not there needs no removal. */
export async function removeObserver(engine: Engine, installation: string): Promise<void> {
  await engine.tryRun(["rm", "-f", ...DIFFERENCES[engine.name].killArgs, observerName(installation)]);
}
