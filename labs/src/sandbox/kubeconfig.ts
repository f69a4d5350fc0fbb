import { writeFile } from "node:fs/promises";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { Engine } from "../engine/engine.ts";
import { mustExec } from "./exec.ts";

const API_PORT = "6443/tcp";

/** The part of a kubeconfig that is read here. */
const kubeconfigSchema = z.looseObject({
  clusters: z.tuple([z.looseObject({ cluster: z.looseObject({ server: z.string() }) })]),
  users: z.tuple([
    z.looseObject({ user: z.looseObject({ "client-certificate-data": z.string(), "client-key-data": z.string() }) }),
  ]),
});

/**
 * Makes the grader's credentials: in system:masters, which no RBAC of the learner's can shut out,
 * with a key of their own that is printed and kept nowhere.
 */
const MAKE_CREDENTIALS = [
  ...["/usr/bin/kubeadm", "kubeconfig", "user", "--config", "/kind/kubeadm.conf"],
  ...["--client-name", "drydock-grader", "--org", "system:masters"],
];

/**
 * Writes the grader's kubeconfig, for use on this machine: credentials made for it by the cluster's
 * own authority, before the learner comes, and the published port of the API server. A copy of a
 * golden cluster makes them in `golden/begin-controlplane.sh`.
 */
export async function writeKubeconfig(engine: Engine, controlplane: string, path: string, signal?: AbortSignal): Promise<void> {
  const [text, published] = await Promise.all([
    mustExec(engine, controlplane, MAKE_CREDENTIALS, { signal, timeoutMs: 30_000 }),
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
