import type { Config } from "../config.ts";
import { DIFFERENCES } from "../engine/differences.ts";
import { type Engine, LABEL, LABEL_INSTALLATION } from "../engine/engine.ts";
import type { Report } from "../progress.ts";
import { proxySettings } from "../proxy.ts";

export interface BuildContainer {
  readonly name: string;
  /** Copies the content of a folder, or one file to a path, into the container. */
  copyIn(from: string, to: string): Promise<void>;
  copyOut(from: string, to: string): Promise<void>;
  /** Runs a program; each line `step: x` that it prints is reported. */
  exec(argv: readonly string[]): Promise<void>;
}

/**
 * Runs `work` with a container of an image to build in, on the host's network, and removes the
 * container afterwards. One that an interrupted run left under the same name is removed first, so
 * two builds of the same `purpose` must not overlap (see withLock).
 */
export async function withBuildContainer<T>(
  { config, engine, image, purpose, report, signal }: Options,
  work: (container: BuildContainer) => Promise<T>,
): Promise<T> {
  const name = `drydock-build-${config.installation}-${purpose}`;
  const remove = () => engine.tryRun(["rm", "-f", "-v", name]);
  const onLine = (line: string) => line.startsWith("step: ") && report(line.slice(6));
  await remove();
  try {
    const labels = ["--label", `${LABEL}=build`, "--label", `${LABEL_INSTALLATION}=${config.installation}`];
    const options = [
      "--name",
      name,
      ...labels,
      ...DIFFERENCES[engine.name].withoutProxyArgs,
      "--privileged",
      "--network",
      "host",
      "--stop-timeout",
      "0",
      "--entrypoint",
      "sleep",
    ];
    await engine.run(["run", "-d", ...options, image, "infinity"], { signal });
    return await work({
      name,
      copyIn: async (from, to) => void (await engine.run(["cp", from, `${name}:${to}`], { signal })),
      copyOut: async (from, to) => void (await engine.run(["cp", `${name}:${from}`, to], { signal })),
      exec: async (argv) => void (await engine.run(["exec", ...proxyOptions(process.env), name, ...argv], { signal, onLine })),
    });
  } finally {
    await remove();
  }
}

interface Options {
  config: Config;
  engine: Engine;
  image: string;
  /** What is being built, in kebab-case; part of the container's name. */
  purpose: string;
  report: Report;
  signal?: AbortSignal;
}

/**
 * Packages are fetched inside, so a proxy of the machine must be known there; but of the container
 * itself it must not be, or the image that is made of it would hand it to every node. Many programs
 * read one spelling only, so each setting is given in both.
 */
export function proxyOptions(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(proxySettings(env)).flatMap(([name, value]) => {
    const other = name === name.toLowerCase() ? name.toUpperCase() : name.toLowerCase();
    return (env[other] ? [name] : [name, other]).flatMap((one) => ["--env", `${one}=${value}`]);
  });
}
