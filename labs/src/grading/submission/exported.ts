import { type Document, isMap, isSeq, parseAllDocuments, type YAMLMap } from "yaml";

/**
 * Fields that the API server sets and that a manifest cannot ask for; with the first two of them it
 * refuses the whole object.
 */
const METADATA = ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink", "ownerReferences"];
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * Takes off what only a server sets, so that what `kubectl get -o yaml` printed in one cluster can
 * be applied in another: uid, resourceVersion, status and their like; owners, whose uids are those
 * of the other cluster (the garbage collector would remove the object); a Service's cluster
 * address. Answers the very same text where there is nothing of that in it or where it cannot be
 * parsed: kubectl has the better words for that.
 */
export function withoutServerFields(text: string): { text: string; stripped: string[] } {
  const unchanged = { text, stripped: [] };
  // Scalars stay as they are written: what 0644 and `yes` mean is for kubectl to say.
  const documents = parseAllDocuments(text, { schema: "failsafe", customTags: ["null"], uniqueKeys: false });
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return unchanged;
  const stripped = new Set<string>();
  for (const document of documents) for (const object of objectsOf(document)) strip(object, stripped);
  if (stripped.size === 0) return unchanged;
  const parts = documents.map((document) => document.toString({ lineWidth: 0, directives: false }));
  return { text: parts.join("---\n"), stripped: [...stripped].sort() };
}

/** The document's object, or those of its List. */
function objectsOf({ contents }: Document): YAMLMap[] {
  if (!isMap(contents)) return [];
  const items: unknown = contents.get("items");
  return isSeq(items) ? [contents, ...items.items.filter((item) => isMap(item))] : [contents];
}

function strip(object: YAMLMap, stripped: Set<string>): void {
  const drop = (...path: string[]) => {
    if (object.hasIn(path) && object.deleteIn(path)) stripped.add(path.join("."));
  };
  const isExported = object.hasIn(["metadata", "uid"]) || object.hasIn(["metadata", "resourceVersion"]);
  if (isExported && object.get("kind") === "Service" && object.getIn(["spec", "clusterIP"]) !== "None") {
    drop("spec", "clusterIP");
    drop("spec", "clusterIPs");
  }
  for (const field of METADATA) drop("metadata", field);
  drop("metadata", "annotations", LAST_APPLIED);
  drop("status");
}
