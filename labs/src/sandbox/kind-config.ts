import { stringify } from "yaml";
import { TOPOLOGIES, type Topology } from "./provider.ts";

const KUBEADM = "kubeadm.k8s.io/v1beta4";
/**
 * kubeadm's own defaults and the exam's, so that addresses look as in the books. The network
 * agent's manifest names the second one too: kind cannot fill it in.
 */
const POD_SUBNET = "10.244.0.0/16";
const SERVICE_SUBNET = "10.96.0.0/12";
const API_ENDPOINT = "controlplane:6443";

/**
 * kind's configuration (kind.x-k8s.io/v1alpha4) for a cluster whose nodes, names and contexts are
 * as in the exam.
 */
export function kindConfig(topology: Topology, { userNamespaces = false } = {}): string {
  // In a user namespace a kubelet may set neither the kernel's settings nor its own limits, and
  // must not mind.
  const featureGates = userNamespaces ? { featureGates: { KubeletInUserNamespace: true } } : {};
  return stringify({
    kind: "Cluster",
    apiVersion: "kind.x-k8s.io/v1alpha4",
    networking: { apiServerAddress: "127.0.0.1", podSubnet: POD_SUBNET, serviceSubnet: SERVICE_SUBNET },
    kubeadmConfigPatches: [
      // The context is then called kubernetes-admin@kubernetes.
      patch(KUBEADM, "ClusterConfiguration", { clusterName: "kubernetes", controlPlaneEndpoint: API_ENDPOINT }),
      // Kubelets since 1.35 refuse cgroup v1 unless told otherwise; on v2 it means nothing.
      patch("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration", { failCgroupV1: false, ...featureGates }),
    ],
    nodes: TOPOLOGIES[topology].map((host, index) => ({
      role: index === 0 ? "control-plane" : "worker",
      kubeadmConfigPatches: [index === 0 ? initPatch(host) : joinPatch(host)],
    })),
  });
}

function initPatch(host: string): string {
  return patch(KUBEADM, "InitConfiguration", { nodeRegistration: { name: host } });
}

function joinPatch(host: string): string {
  return patch(KUBEADM, "JoinConfiguration", {
    nodeRegistration: { name: host },
    discovery: { bootstrapToken: { apiServerEndpoint: API_ENDPOINT } },
  });
}

function patch(apiVersion: string, kind: string, fields: Record<string, unknown>): string {
  return stringify({ apiVersion, kind, ...fields });
}
