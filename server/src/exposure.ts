import { BlockList, isIP } from "node:net";
import type { Settings } from "./settings.ts";

/**
 * What makes more people, or more sandboxes, reach something than one would think: told at the
 * start, on the screen and in the log.
 */
export interface Exposure {
  /** For the log: stable, in kebab-case. */
  exposure: "open-host" | "no-wall";
  text: string;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Whether an address to listen on is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host.toLowerCase() === "localhost" : LOOPBACK.check(host, family === 6 ? "ipv6" : "ipv4");
}

/** What the setting HOST exposes; undefined where it is a loopback address. */
export function exposureOfHost({ host }: Pick<Settings, "host">): Exposure | undefined {
  if (isLoopback(host)) return undefined;
  const text = `HOST=${host}: everyone who can open the page gets root in a sandbox, and with it root on this machine. Let in only people whom you trust with that`;
  return { exposure: "open-host", text };
}

/**
 * What it means that there is no wall around the sandboxes, see docs/decisions/0009-wall.md.
 * @param reason why there is none
 */
export function exposureWithoutWall({ host, maxSandboxes }: Pick<Settings, "host" | "maxSandboxes">, reason: string): Exposure {
  const shared = maxSandboxes !== 1 && !isLoopback(host);
  const what = `Nothing outside the sandboxes keeps them from one another and from this machine's services (${reason})`;
  const loud = `WARNING: ${what}. HOST=${host} lets several people in: set DRYDOCK_MAX_SANDBOXES=1, or use an engine that runs as root`;
  return { exposure: "no-wall", text: shared ? loud : `${what}. See drydock doctor` };
}
