import type { IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";
import type { TLSSocket } from "node:tls";
import proxyAddr from "proxy-addr";

/** Where requests come from, behind the proxies that are believed. */
export interface Origins {
  /** The network address of who asks, as it is counted; undefined for this machine's own. */
  addressOf(request: IncomingMessage): string | undefined;
  /** Whether the browser speaks https, to this server or to a proxy that is believed. */
  isSecure(request: IncomingMessage): boolean;
}

/**
 * @param proxies addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed;
 * others' are not looked at
 */
export function createOrigins(proxies: readonly string[]): Origins {
  const trust = proxyAddr.compile([...proxies]);
  return {
    addressOf: (request) => counted(proxyAddr(request, trust)),
    isSecure(request) {
      if ((request.socket as TLSSocket).encrypted) return true;
      const peer = request.socket.remoteAddress;
      const said = String(request.headers["x-forwarded-proto"] ?? "").split(",", 1)[0]!;
      return peer !== undefined && trust(peer, 0) && said.trim().toLowerCase() === "https";
    },
  };
}

/** Who has one IPv6 address has a whole network of them: they count as one. */
function counted(address: string | undefined): string | undefined {
  const plain = (address ?? "").replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  if (plain === "" || plain === "::1" || plain.startsWith("127.")) return undefined;
  return isIPv6(plain) ? networkOf(plain) : plain.slice(0, 64);
}

/** The /64 of an IPv6 address. */
function networkOf(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter(Boolean);
  const after = tail?.split(":").filter(Boolean) ?? [];
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => "0");
  return [...groups, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, "").toLowerCase())
    .join(":");
}
