import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { decideBase } from "./choose-base.ts";
import { firstTagOf, isLoopbackRegistry, parseChallenge, registryAddress } from "./registry.ts";

describe("decideBase", () => {
  const found = "docker.io/kindest/node:v1.36.3";

  test("prefers an official image where one is found, and builds from source where none is", () => {
    expect(decideBase("auto", found, "linux")).toEqual({ kind: "official", image: found });
    expect(decideBase("auto", undefined, "linux")).toEqual({ kind: "source" });
  });

  test("follows the setting", () => {
    expect(decideBase("source", found, "linux")).toEqual({ kind: "source" });
    expect(() => decideBase("official", undefined, "linux")).toThrow(expect.objectContaining({ code: "image.no-base" }));
  });

  test("cannot build from source outside Linux", () => {
    expect(() => decideBase("auto", undefined, "darwin")).toThrow(expect.objectContaining({ code: "image.no-base" }));
  });
});

describe("registries", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /**
   * A registry that has kindest/node with these tags; with a token, it wants that to be fetched
   * first, as docker.io does.
   */
  async function registryWith(tags: string[], token?: string): Promise<string> {
    server = createServer((request, response) => {
      if (request.url?.startsWith("/token")) return response.end(JSON.stringify({ token }));
      if (token && request.headers.authorization !== `Bearer ${token}`) {
        const realm = `http://${request.headers.host}/token`;
        return response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}",service="s"` }).end();
      }
      return response.writeHead(tags.some((tag) => request.url === `/v2/kindest/node/manifests/${tag}`) ? 200 : 404).end();
    });
    await new Promise<void>((listening) => server?.listen(0, "127.0.0.1", listening));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test("the first tag that a registry has is found", async () => {
    const registry = await registryWith(["v1.36.1", "v1.36.2"]);
    await expect(firstTagOf(registry, "kindest/node", ["v1.36.3", "v1.36.2", "v1.36.1"])).resolves.toBe("v1.36.2");
  });

  test("a token is fetched where the registry asks for one", async () => {
    const registry = await registryWith(["v1.36.3"], "secret");
    await expect(firstTagOf(registry, "kindest/node", ["v1.36.3"])).resolves.toBe("v1.36.3");
  });

  test("a registry without the image, or that is not there, has none", async () => {
    const registry = await registryWith([]);
    await expect(firstTagOf(registry, "kindest/node", ["v1.36.3"])).resolves.toBeUndefined();
    await expect(firstTagOf("127.0.0.1:1", "kindest/node", ["v1.36.3"])).resolves.toBeUndefined();
  });

  test("a registry that never answers has none, after the time limit", async () => {
    server = createServer(() => undefined);
    await new Promise<void>((listening) => server?.listen(0, "127.0.0.1", listening));
    const registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(firstTagOf(registry, "kindest/node", ["v1.36.3"], { timeoutMs: 50 })).resolves.toBeUndefined();
    server.closeAllConnections();
  });

  test("only a registry on this machine is spoken to in plain HTTP", () => {
    expect(isLoopbackRegistry("127.0.0.1:5001")).toBe(true);
    expect(isLoopbackRegistry("localhost")).toBe(true);
    expect(isLoopbackRegistry("localhost.example.org")).toBe(false);
    expect(registryAddress("registry.example.org")).toBe("https://registry.example.org");
  });

  test("a challenge other than Bearer is none that can be answered", () => {
    expect(parseChallenge('Bearer realm="r",service="s"')).toEqual({ realm: "r", service: "s" });
    expect(parseChallenge('Basic realm="r"')).toBeUndefined();
    expect(parseChallenge(null)).toBeUndefined();
  });
});
