import { writeFile } from "node:fs/promises";
import { get } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { Engine } from "../engine/engine.ts";
import { DrydockError } from "../errors.ts";
import { mustExec } from "./exec.ts";

const API_PORT = "6443/tcp";
const PAUSE_MS = 50;

/** The part of a kubeconfig that is read here. */
const kubeconfigSchema = z.looseObject({
  clusters: z.tuple([
    z.looseObject({ cluster: z.looseObject({ server: z.string(), "certificate-authority-data": z.string() }) }),
  ]),
  users: z.tuple([
    z.looseObject({ user: z.looseObject({ "client-certificate-data": z.string(), "client-key-data": z.string() }) }),
  ]),
});

/**
 * Writes a kubeconfig of system:masters, which no RBAC of the learner's can shut out, for use on this machine: kubeadm's super-admin.conf
 * (since 1.29) with the published port of the API server.
 */
export async function writeKubeconfig(engine: Engine, controlplane: string, path: string, signal?: AbortSignal): Promise<void> {
  const [text, published] = await Promise.all([
    mustExec(engine, controlplane, ["/bin/cat", "/etc/kubernetes/super-admin.conf"], { signal, timeoutMs: 30_000 }),
    engine.run(["port", controlplane, API_PORT], { signal }),
  ]);
  await writeFile(path, rewriteServer(text, published), { mode: 0o600 });
}

/** @param published what `docker port` prints: `127.0.0.1:43021`, perhaps on several lines */
export function rewriteServer(kubeconfig: string, published: string): string {
  const parsed = kubeconfigSchema.parse(parse(kubeconfig));
  const address = published.trim().split("\n")[0];
  parsed.clusters[0].cluster.server = `https://${address}`;
  return stringify(parsed);
}

/** Waits until the API server says that it is ready. @throws DrydockError `sandbox.api-silent` after `deadlineMs` */
export async function waitForApi(kubeconfig: string, deadlineMs: number): Promise<void> {
  const { clusters, users } = kubeconfigSchema.parse(parse(kubeconfig));
  const decode = (base64: string): Buffer => Buffer.from(base64, "base64");
  const { cluster } = clusters[0];
  const { user } = users[0];
  const options = {
    ca: decode(cluster["certificate-authority-data"]),
    cert: decode(user["client-certificate-data"]),
    key: decode(user["client-key-data"]),
    timeout: 2000,
    agent: false,
  };
  const end = Date.now() + deadlineMs;
  while (!(await answersOk(`${cluster.server}/readyz`, options))) {
    if (Date.now() > end) throw new DrydockError("sandbox.api-silent", `The API server does not answer within ${deadlineMs} ms`);
    await sleep(PAUSE_MS);
  }
}

function answersOk(url: string, options: object): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}
