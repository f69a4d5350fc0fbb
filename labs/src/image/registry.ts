const ACCEPT = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** A registry on this machine itself speaks plain HTTP, as docker assumes too. */
export function isLoopbackRegistry(registry: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(registry);
}

/** Where a registry's API is: docker.io is a name, not an address. */
export function registryAddress(registry: string): string {
  if (registry === "docker.io") return "https://registry-1.docker.io";
  return `${isLoopbackRegistry(registry) ? "http" : "https"}://${registry}`;
}

/** The parameters of a `WWW-Authenticate: Bearer` header; undefined for any other scheme. */
export function parseChallenge(header: string | null): Record<string, string> | undefined {
  if (!header?.toLowerCase().startsWith("bearer ")) return undefined;
  return Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
}

/**
 * Which of `tags` a registry has, the first of them; undefined when it has none or does not answer
 * within `timeoutMs`. Asks as an anonymous user (distribution specification; token authentication
 * as docker.io does it).
 */
export async function firstTagOf(
  registry: string,
  repository: string,
  tags: readonly string[],
  { timeoutMs = 5000, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<string | undefined> {
  const limit = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
  try {
    let token: string | undefined;
    for (const tag of tags) {
      const ask = () => {
        const headers = { accept: ACCEPT, ...(token ? { authorization: `Bearer ${token}` } : {}) };
        return fetch(`${registryAddress(registry)}/v2/${repository}/manifests/${tag}`, {
          method: "HEAD",
          headers,
          signal: limit,
        });
      };
      let answer = await ask();
      if (answer.status === 401 && !token) {
        token = await fetchToken(answer.headers.get("www-authenticate"), repository, limit);
        answer = await ask();
      }
      if (answer.ok) return tag;
    }
  } catch {
    signal?.throwIfAborted();
  }
  return undefined;
}

async function fetchToken(challenge: string | null, repository: string, signal: AbortSignal): Promise<string | undefined> {
  const { realm, service } = parseChallenge(challenge) ?? {};
  if (!realm) return undefined;
  const query = new URLSearchParams({ ...(service ? { service } : {}), scope: `repository:${repository}:pull` });
  const answer = (await (await fetch(`${realm}?${query}`, { signal })).json()) as { token?: string; access_token?: string };
  return answer.token ?? answer.access_token;
}
