import type { EndpointSlice, Pod, Service } from "./types.ts";

/** How long the nodes may take to route by a Service or an EndpointSlice that has changed. */
const ROUTED_WITHIN_MS = 10_000;
/** How long the EndpointSlices of a Service may take to follow a pod that has become ready. */
const LISTED_WITHIN_MS = 30_000;

/**
 * Whether the way through a Service is still changing: it or one of its EndpointSlices changed
 * moments ago, so that a node may not have learned it yet; or the slices lack a pod that has become
 * ready, or have one that is ready no longer. Takes the slices and pods of its namespace. `nowMs`
 * is the API server's clock.
 */
export function serviceInTransition(
  service: Service,
  slices: readonly EndpointSlice[],
  pods: readonly Pod[],
  nowMs: number,
): boolean {
  const own = slices.filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === service.metadata.name);
  if ([service, ...own].some(({ metadata }) => nowMs - changedMs(metadata) < ROUTED_WITHIN_MS)) return true;
  const selector = Object.entries(service.spec.selector ?? {});
  if (selector.length === 0) return false;
  const listed = new Set(
    own.flatMap(({ endpoints }) =>
      (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).map(({ targetRef }) => targetRef?.uid),
    ),
  );
  const ready = pods.filter(
    (pod) => selector.every(([name, value]) => pod.metadata.labels?.[name] === value) && readySince(pod) !== undefined,
  );
  const isMissing = (pod: Pod) => !listed.has(pod.metadata.uid) && nowMs - readySince(pod)! < LISTED_WITHIN_MS;
  const uids = new Set(ready.map(({ metadata }) => metadata.uid));
  const isStale = !service.spec.publishNotReadyAddresses && [...listed].some((uid) => uid !== undefined && !uids.has(uid));
  return isStale || ready.some(isMissing);
}

/** When a pod that takes requests became ready; undefined for one that does not, or no longer. */
function readySince({ metadata, status }: Pod): number | undefined {
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  if (metadata.deletionTimestamp || ready?.status !== "True" || !status.podIP) return undefined;
  return Date.parse(ready.lastTransitionTime ?? metadata.creationTimestamp);
}

/** When an object was written last, by the API server's own record. */
function changedMs({ creationTimestamp, managedFields = [] }: Service["metadata"]): number {
  return Math.max(...[creationTimestamp, ...managedFields.map(({ time }) => time)].map((time) => Date.parse(time ?? "") || 0));
}
