import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { DrydockError } from "../errors.ts";
import type { RunOptions, RunResult } from "../process.ts";
import type { Engine } from "./engine.ts";
import { tryCreateNetwork } from "./network.ts";

const SPEC = { name: "drydock-abcd2345", subnet: "10.200.7.0/24", bridge: "drydock-200-7", labels: { drydock: "network" } };

const ended = (exitCode: number, stderr = ""): RunResult => ({ exitCode, stdout: "", stderr, timedOut: false, durationMs: 1 });

function engineOf(
  name: Engine["name"],
  version: string,
  tryRun: (args: readonly string[], options?: RunOptions) => Promise<RunResult>,
) {
  return { name, version, tryRun } as unknown as Engine;
}

test.each([
  ["docker", "28.1.0", ["-o", "com.docker.network.bridge.name=drydock-200-7"]],
  ["podman", "4.9.3", ["-o", "isolate=true", "--interface-name", "drydock-200-7"]],
  ["podman", "5.0.0", ["-o", "isolate=true", "--interface-name", "drydock-200-7"]],
] as const)("%s %s is told the bridge's name by an option", async (name, version, options) => {
  const calls: (readonly string[])[] = [];
  const create = (failure?: string) => {
    const engine = engineOf(name, version, async (args) => {
      calls.push(args);
      return failure === undefined ? ended(0) : ended(125, `${failure}\n`);
    });
    return tryCreateNetwork(engine, SPEC);
  };
  expect(await create()).toBeUndefined();
  expect(calls[0]).toEqual(["network", "create", "--subnet", SPEC.subnet, ...options, "--label=drydock=network", SPEC.name]);
  expect(await create("the range is taken")).toBe("the range is taken");
});

/**
 * A podman whose service comes up after a moment and answers with `status`; it runs until it is
 * stopped.
 */
function podmanWithService(status: number, text: string) {
  const seen = { asked: [] as unknown[], socket: "", stopped: 0 };
  const engine = engineOf("podman", "4.3.1", async (args, options) => {
    seen.socket = args.at(-1)!.replace("unix://", "");
    await sleep(50);
    const server = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      seen.asked.push([request.method, request.url, JSON.parse(body)]);
      response.writeHead(status).end(text);
    });
    server.listen(seen.socket);
    await new Promise((resolve) => options!.signal!.addEventListener("abort", resolve, { once: true }));
    await new Promise((resolve) => server.close(resolve));
    seen.stopped += 1;
    throw new DrydockError("process.aborted", "podman was stopped");
  });
  return { engine, seen };
}

test("an older podman is told it by its service, which is stopped afterwards and leaves nothing", async () => {
  const { engine, seen } = podmanWithService(200, "{}");
  expect(await tryCreateNetwork(engine, SPEC)).toBeUndefined();
  const { name, subnet, bridge, labels } = SPEC;
  const network = { name, driver: "bridge", network_interface: bridge, subnets: [{ subnet }], labels, dns_enabled: true };
  expect(seen.asked).toEqual([["POST", "/v4.0.0/libpod/networks/create", { ...network, options: { isolate: "true" } }]]);
  expect(seen.stopped).toBe(1);
  expect(existsSync(dirname(seen.socket))).toBe(false);
});

test("what the service says when it refuses is the reason", async () => {
  const { engine } = podmanWithService(409, '{"cause":"network already exists"}');
  expect(await tryCreateNetwork(engine, SPEC)).toContain("network already exists");
});

test("a service that does not come up, and an abort, are errors", async () => {
  const broken = engineOf("podman", "4.3.1", async () => ended(125, "Error: no such command"));
  await expect(tryCreateNetwork(broken, SPEC)).rejects.toMatchObject({
    code: "engine.service",
    message: expect.stringContaining("no such command"),
  });

  const stop = new AbortController();
  const silent = engineOf("podman", "4.3.1", async (_, options) => {
    await new Promise((resolve) => options!.signal!.addEventListener("abort", resolve, { once: true }));
    throw new DrydockError("process.aborted", "podman was stopped");
  });
  setTimeout(() => stop.abort(new DrydockError("process.aborted", "It was stopped")), 50);
  await expect(tryCreateNetwork(silent, SPEC, stop.signal)).rejects.toMatchObject({ code: "process.aborted" });
});
