import type { Transport } from "./transport.ts";

/** Where objects of a kind are found in the API. */
export interface Resource {
  plural: string;
  namespaced: boolean;
}

/** The kinds that checks ask for most, so that they cost no discovery request. */
const KNOWN: Record<string, [namespaced: string[], clusterWide: string[]]> = {
  v1: [
    [
      "pods",
      "services",
      "configmaps",
      "secrets",
      "events",
      "serviceaccounts",
      "persistentvolumeclaims",
      "resourcequotas",
      "limitranges",
    ],
    ["nodes", "namespaces", "persistentvolumes"],
  ],
  "apps/v1": [["deployments", "daemonsets", "statefulsets", "replicasets"], []],
  "batch/v1": [["jobs", "cronjobs"], []],
  "discovery.k8s.io/v1": [["endpointslices"], []],
  "networking.k8s.io/v1": [["ingresses", "networkpolicies"], ["ingressclasses"]],
  "rbac.authorization.k8s.io/v1": [
    ["roles", "rolebindings"],
    ["clusterroles", "clusterrolebindings"],
  ],
  "storage.k8s.io/v1": [[], ["storageclasses"]],
  "policy/v1": [["poddisruptionbudgets"], []],
  "autoscaling/v2": [["horizontalpodautoscalers"], []],
};

export function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/**
 * Finds resources of kinds: from the table, or by asking the API server once for each group
 * version.
 */
export function createResources(transport: Transport): (apiVersion: string, kind: string) => Promise<Resource> {
  const discovered = new Map<string, Promise<{ kind: string; name: string; namespaced: boolean }[]>>();
  const discover = async (apiVersion: string) => {
    const { text } = await transport.call("GET", groupPath(apiVersion));
    return (JSON.parse(text) as { resources: { kind: string; name: string; namespaced: boolean }[] }).resources;
  };
  return async (apiVersion, kind) => {
    const known = KNOWN[apiVersion];
    const guesses = plurals(kind);
    for (const [index, namespaced] of [true, false].entries()) {
      const plural = known?.[index as 0 | 1].find((name) => guesses.includes(name));
      if (plural) return { plural, namespaced };
    }
    const found = discovered.get(apiVersion) ?? discover(apiVersion);
    discovered.set(apiVersion, found);
    const resource = (await found).find((one) => one.kind === kind && !one.name.includes("/"));
    if (!resource) throw new Error(`The cluster has no kind ${kind} in ${apiVersion}`);
    return { plural: resource.name, namespaced: resource.namespaced };
  };
}

function plurals(kind: string): string[] {
  const lower = kind.toLowerCase();
  return [`${lower}s`, `${lower}es`, lower.replace(/y$/, "ies")];
}
