import { randomInt } from "node:crypto";
import { type AddressInfo, createServer } from "node:net";

/** Takes a TCP port of loopback and gives it back. @returns which; 0 takes any that is free */
function tryPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const { port: found } = server.address() as AddressInfo;
      server.close(() => resolve(found));
    });
  });
}

/**
 * A TCP port on loopback that nobody uses now, as the system gives it; somebody else may take it
 * before the caller does.
 */
export function freePort(): Promise<number> {
  return tryPort(0);
}

/**
 * The same for a container's published port, from 20000 to 29999: below those that systems give to
 * whoever asks for any (from 32768 on, Linux; from 49152 on, others). As long as the engine's rules
 * lead a port to a container that has just gone, and podman leaves some for good (netavark 1.4),
 * whoever listens there cannot be reached.
 */
export async function freePublishedPort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = await tryPort(randomInt(20_000, 30_000)).catch(() => undefined);
    if (port !== undefined) return port;
  }
  return freePort();
}
