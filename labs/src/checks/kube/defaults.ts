/**
 * What an API server adds by itself to objects of the kinds that checks create: the defaults of the
 * API's types (`pkg/apis/{core,apps}/v1/defaults.go` of Kubernetes) and of the admission plugins
 * that act in a fresh namespace (ServiceAccount, DefaultTolerationSeconds, Priority,
 * PodTopologyLabels). Paths are those of a pod or its template, without indices.
 */

const PROBE = "spec.(initContainers|containers).(liveness|readiness|startup)Probe";
const HTTP_GET = `(${PROBE}|spec.(initContainers|containers).lifecycle.(preStop|postStart)).httpGet`;

/** Path → the values that it may get; without values: any. */
const POD: [path: string, values?: unknown[]][] = [
  // Since Kubernetes 1.35: zone and region of the node that a pod is bound to.
  ["metadata.labels.topology.kubernetes.io/.*"],
  ["spec.restartPolicy", ["Always"]],
  ["spec.terminationGracePeriodSeconds", [30]],
  ["spec.dnsPolicy", ["ClusterFirst"]],
  ["spec.schedulerName", ["default-scheduler"]],
  ["spec.serviceAccount(Name)?", ["default"]],
  ["spec.enableServiceLinks", [true]],
  // A PriorityClass may be the cluster's default.
  ["spec.(priority|priorityClassName|preemptionPolicy)"],
  ["spec.nodeName"],
  ["spec.(initContainers|containers).imagePullPolicy"],
  ["spec.(initContainers|containers).terminationMessagePath", ["/dev/termination-log"]],
  ["spec.(initContainers|containers).terminationMessagePolicy", ["File"]],
  ["spec.(initContainers|containers).ports.protocol", ["TCP"]],
  ["spec.(initContainers|containers).env.valueFrom.fieldRef.apiVersion", ["v1"]],
  ["spec.(initContainers|containers).env.valueFrom.resourceFieldRef.divisor", ["0"]],
  // Where only limits are asked for, they are requested too.
  ["spec.(initContainers|containers).resources.requests.*"],
  [`${PROBE}.(timeoutSeconds|successThreshold)`, [1]],
  [`${PROBE}.periodSeconds`, [10]],
  [`${PROBE}.failureThreshold`, [3]],
  [`${HTTP_GET}.path`, ["/"]],
  [`${HTTP_GET}.scheme`, ["HTTP"]],
  ["spec.volumes.(configMap|secret|downwardAPI|projected).defaultMode", [0o644]],
  ["spec.volumes.(projected.sources.)?downwardAPI.items.fieldRef.apiVersion", ["v1"]],
  ["spec.volumes.projected.sources.serviceAccountToken.expirationSeconds", [3600]],
];

const DEPLOYMENT: typeof POD = [
  ["spec.replicas", [1]],
  ["spec.revisionHistoryLimit", [10]],
  ["spec.progressDeadlineSeconds", [600]],
  ["spec.strategy.type", ["RollingUpdate"]],
  ["spec.strategy.rollingUpdate.max(Surge|Unavailable)", ["25%"]],
];

const SERVICE: typeof POD = [
  ["spec.(clusterIP|clusterIPs|ipFamilies|ipFamilyPolicy)"],
  ["spec.type", ["ClusterIP"]],
  ["spec.internalTrafficPolicy", ["Cluster"]],
  ["spec.sessionAffinity", ["None"]],
  ["spec.ports.protocol", ["TCP"]],
  ["spec.ports.targetPort"],
];

/** The defaults of a kind; undefined for kinds whose defaults are not known here. */
export function defaultsOf(kind: string): ((path: string, value: unknown) => boolean) | undefined {
  const tables: Record<string, typeof POD> = {
    Pod: POD,
    Deployment: [...DEPLOYMENT, ...POD],
    Service: SERVICE,
    ConfigMap: [],
    Secret: [["type", ["Opaque"]]],
  };
  const table = tables[kind]?.map(([path, values]) => ({ path: toPattern(path), values }));
  if (!table) return undefined;
  return (path, value) => {
    const plain = path.replace(/\[\d+\]/g, "").replace(/^spec\.template\./, "");
    if (isOfServiceAccount(plain, value) || isToleration(plain, value)) return true;
    return table.some((one) => one.path.test(plain) && (one.values?.includes(value) ?? true));
  };
}

function toPattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/\.(?!\*)/g, "\\.")}$`);
}

const TOKEN_VOLUME = /^kube-api-access-[a-z0-9]{5}$/;
const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The volume with the service account's token, and its mount in a container. */
function isOfServiceAccount(path: string, value: unknown): boolean {
  const { name = "", mountPath, projected } = (value ?? {}) as { name?: string; mountPath?: string; projected?: object };
  if (!TOKEN_VOLUME.test(name)) return false;
  if (path === "spec.volumes") return projected !== undefined;
  return /^spec\.(initContainers|containers)\.volumeMounts$/.test(path) && mountPath === TOKEN_PATH;
}

/** A pod stays for five minutes on a node that is lost. */
function isToleration(path: string, value: unknown): boolean {
  if (path !== "spec.tolerations") return false;
  const { key, effect, tolerationSeconds } = value as { key?: string; effect?: string; tolerationSeconds?: number };
  return /^node\.kubernetes\.io\/(not-ready|unreachable)$/.test(key ?? "") && effect === "NoExecute" && tolerationSeconds === 300;
}
