import { run, tryRun } from "../process.ts";
import type { Engine } from "./engine.ts";

/** An {@link Engine} that runs `command` with `env` added to this process's environment. */
export function createClient(spec: Pick<Engine, "name" | "command" | "env" | "version">): Engine {
  return {
    ...spec,
    run: (args, options) => run(spec.command, args, { ...options, env: { ...spec.env, ...options?.env } }),
    tryRun: (args, options) => tryRun(spec.command, args, { ...options, env: { ...spec.env, ...options?.env } }),
  };
}
