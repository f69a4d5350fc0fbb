import { tmpdir } from "node:os";
import { run, type RunOptions, tryRun } from "../process.ts";
import type { Engine } from "./engine.ts";

/**
 * Where an engine's commands are run. When the kernel kills for want of memory in a container,
 * podman's monitor (conmon) leaves a file `oom` in the folder that it was started in, which would
 * be the folder in which the server was started.
 */
export const ENGINE_DIR = tmpdir();

/**
 * An {@link Engine} that runs `command` with `env` added to this process's environment. `defaults`:
 * of every command that does not say otherwise.
 */
export function createClient(spec: Pick<Engine, "name" | "command" | "env" | "version">, defaults: RunOptions = {}): Engine {
  const withEnv = (options?: RunOptions) => ({ cwd: ENGINE_DIR, ...defaults, ...options, env: { ...spec.env, ...options?.env } });
  return {
    ...spec,
    run: (args, options) => run(spec.command, args, withEnv(options)),
    tryRun: (args, options) => tryRun(spec.command, args, withEnv(options)),
  };
}
