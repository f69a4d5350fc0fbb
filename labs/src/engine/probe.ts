import { createClient } from "./client.ts";
import type { Engine } from "./engine.ts";

/** A working engine, or why it is none, in one line. */
export type Probe = { engine: Engine; reason?: undefined } | { engine?: undefined; reason: string };

/** The last line of what a program said: where engines put the reason. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}

/**
 * Finds out whether there is a docker whose daemon answers; the program alone is often there
 * without one.
 */
export async function probeDocker(): Promise<Probe> {
  const client = createClient({ name: "docker", command: "docker", env: {}, version: "" });
  const template = "{{.Server.Version}} {{range .Server.Components}}{{.Name}};{{end}}";
  const result = await client.tryRun(["version", "--format", template], { timeoutMs: 15_000 });
  if (result.timedOut) return { reason: "its daemon does not answer within 15 s" };
  if (result.exitCode !== 0) return { reason: lastLine(result.stderr) || "docker version failed" };
  if (/podman/i.test(result.stdout)) return { reason: "it is podman under another name" };
  const version = result.stdout.trim().split(" ")[0];
  return version ? { engine: { ...createClient({ ...client, version }) } } : { reason: "its daemon says no version" };
}
