/**
 * An image reference, taken apart as container runtimes do: every way of writing one image gives
 * the same parts.
 */
export interface ImageReference {
  /** With registry and path: `docker.io/library/nginx`. */
  name: string;
  /** `latest` where neither a tag nor a digest is given. */
  tag?: string;
  /** `sha256:…` */
  digest?: string;
}

const DEFAULT_REGISTRY = "docker.io";
/** Other names that containerd and docker take for {@link DEFAULT_REGISTRY}. */
const ALIASES = new Set(["index.docker.io", "registry-1.docker.io"]);

/** Takes an image reference apart; rules of the distribution project's `reference` package. */
export function parseImage(reference: string): ImageReference {
  const [rest = "", digest] = reference.trim().split("@", 2);
  const [, path = "", tag] = /^(.*?)(?::([^:/]+))?$/.exec(rest) ?? [];
  const slash = path.indexOf("/");
  const first = slash < 0 ? "" : path.slice(0, slash);
  const hasRegistry = first === "localhost" || /[.:]/.test(first) || first !== first.toLowerCase();
  const registry = !hasRegistry || ALIASES.has(first) ? DEFAULT_REGISTRY : first;
  const inRegistry = hasRegistry ? path.slice(slash + 1) : path;
  const isOfficial = registry === DEFAULT_REGISTRY && !inRegistry.includes("/");
  const name = `${registry}/${isOfficial ? "library/" : ""}${inRegistry}`;
  return { name, tag: tag ?? (digest === undefined ? "latest" : undefined), digest };
}

/**
 * Whether two references mean the same image: `nginx:1.27-alpine` and
 * `docker.io/library/nginx:1.27-alpine` do. A digest says which content is meant, so where both
 * have one the tags say nothing. Where only one has a digest the answer is no: which content a tag
 * leads to is known to a registry alone.
 */
export function sameImage(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const [a, b] = [parseImage(one), parseImage(other)];
  if (a.name !== b.name || a.digest !== b.digest) return false;
  return a.digest !== undefined || a.tag === b.tag;
}
