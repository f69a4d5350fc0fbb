import { readFile } from "node:fs/promises";
import type { Engine } from "../engine/engine.ts";
import { listContainers } from "./engine-objects.ts";
import { waitForApi } from "./kubeconfig.ts";

const API_DEADLINE_MS = 30_000;

/** Stops all processes of the sandbox where they are; does nothing to what is frozen already. */
export async function freezeSandbox(engine: Engine, id: string): Promise<void> {
  await changeAll(engine, id, "running", "pause");
}

/** Lets the sandbox go on and waits until its API server answers. */
export async function thawSandbox(engine: Engine, id: string, kubeconfigPath: string): Promise<void> {
  await changeAll(engine, id, "paused", "unpause");
  await waitForApi(await readFile(kubeconfigPath, "utf8"), API_DEADLINE_MS);
}

async function changeAll(engine: Engine, id: string, status: string, command: "pause" | "unpause"): Promise<void> {
  const names = (await listContainers(engine, { sandboxId: id })).filter((one) => one.status === status).map(({ name }) => name);
  if (names.length > 0) await engine.run([command, ...names]);
}
