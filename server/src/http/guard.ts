import type { IncomingMessage } from "node:http";
import { networkInterfaces } from "node:os";

/**
 * Whom this server answers. A page elsewhere can have a browser send requests here, also under a
 * name of its own that resolves to this machine: Host must be exactly one of ours, and so must
 * Origin where it matters.
 */
export interface Guard {
  allowsHost(host: string | undefined): boolean;
  /** `null`, a missing or a foreign one is not allowed. */
  allowsOrigin(origin: string | undefined): boolean;
}

export interface GuardOptions {
  /** The address that is listened on. */
  host: string;
  port: number;
  /** Other names under which the page is reached, as host or host:port, in lower case. */
  otherHosts: readonly string[];
}

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];
const ANY = ["0.0.0.0", "::"];

export function createGuard({ host, port, otherHosts }: GuardOptions): Guard {
  // Addresses can't be made to point elsewhere, names can: listening everywhere allows all of this
  // machine's addresses and no name.
  const listened = ANY.includes(host) ? addressesHere() : [host];
  const hosts = new Set<string>();
  const origins = new Set<string>();
  for (const name of [...LOOPBACK, ...listened.map(inUrl)]) {
    for (const one of port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]) {
      hosts.add(one);
      origins.add(`http://${one}`);
    }
  }
  for (const name of otherHosts) {
    for (const one of name.includes(":") ? [name] : [name, `${name}:${port}`]) {
      hosts.add(one);
      origins.add(`http://${one}`).add(`https://${one}`);
    }
  }
  return {
    allowsHost: (value) => value !== undefined && hosts.has(value.toLowerCase()),
    allowsOrigin: (value) => value !== undefined && origins.has(value.toLowerCase()),
  };
}

/**
 * The Host of a request; undefined where it has none, or several: whoever stands in between may
 * have gone by another one than we would.
 */
export function hostOf(request: IncomingMessage): string | undefined {
  const { host = [] } = request.headersDistinct;
  return host.length === 1 ? host[0] : undefined;
}

function inUrl(address: string): string {
  return address.includes(":") ? `[${address}]` : address.toLowerCase();
}

function addressesHere(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map((one) => one.address));
}
