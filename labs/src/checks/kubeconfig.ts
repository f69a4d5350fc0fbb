import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { DrydockError } from "../errors.ts";
import type { ClusterAccess } from "./kube/transport.ts";

interface Kubeconfig {
  "current-context"?: string;
  contexts?: { name: string; context: { cluster: string; user: string } }[];
  clusters?: { name: string; cluster: Record<string, string> }[];
  users?: { name: string; user: Record<string, string> }[];
}

/**
 * Reads the current context of the grader's kubeconfig, whose certificates are in it.
 * @throws DrydockError `kubeconfig.invalid`
 */
export async function readClusterAccess(path: string): Promise<ClusterAccess> {
  try {
    const config = parse(await readFile(path, "utf8")) as Kubeconfig;
    const context = config.contexts?.find((one) => one.name === config["current-context"]) ?? config.contexts?.[0];
    const cluster = config.clusters?.find((one) => one.name === context?.context.cluster)?.cluster;
    const user = config.users?.find((one) => one.name === context?.context.user)?.user ?? {};
    if (!cluster?.server || !cluster["certificate-authority-data"])
      throw new Error("no server with a certificate authority in it");
    const pem = (data: string | undefined) => (data === undefined ? undefined : Buffer.from(data, "base64").toString("utf8"));
    return {
      server: cluster.server,
      ca: pem(cluster["certificate-authority-data"])!,
      cert: pem(user["client-certificate-data"]),
      key: pem(user["client-key-data"]),
      token: user.token,
    };
  } catch (cause) {
    throw new DrydockError("kubeconfig.invalid", `The sandbox's kubeconfig can't be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}
