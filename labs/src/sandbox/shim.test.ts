import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { createClient } from "../engine/client.ts";
import { tryRun } from "../process.ts";
import { writeShim } from "./shim.ts";
import { pickSubnet } from "./subnets.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "drydock-shim-"));
});
afterEach(() => rm(folder, { recursive: true }));

/**
 * An engine that writes down its arguments, one per line, and answers `volume create` as engines
 * do.
 */
const RECORDER = `#!/bin/sh
printf '%s\\n' "$@" --end-- >>"$(dirname "$0")/calls"
if [ "$1 $2" = "volume create" ]; then
  for name; do :; done
  echo "$name"
fi
if [ "$1 $2" = "container inspect" ]; then echo 4711; fi
`;

async function shim(
  name: "docker" | "podman",
  delegate?: readonly string[],
): Promise<{
  call: (...args: string[]) => ReturnType<typeof tryRun>;
  calls: () => Promise<string[][]>;
  env: Record<string, string | undefined>;
}> {
  const program = join(folder, "real-engine");
  await writeFile(program, RECORDER);
  await chmod(program, 0o755);
  const engine = createClient({ name, command: "sh", env: { CONTAINERS_CONF: "/some.conf" }, version: "1" });
  const labels = { id: "abcd2345", installation: "0badcafe", owner: "test" } as const;
  const subnet = pickSubnet([], () => 0)!;
  const written = await writeShim({
    folder: join(folder, "kind"),
    engine,
    engineCpus: 1,
    labels,
    topology: "two-node",
    subnet,
    delegate,
  });
  const env = { ...written, DRYDOCK_SHIM_ENGINE: program };
  return {
    env,
    call: (...args) => tryRun(name, args, { env }),
    calls: async () => {
      const text = await readFile(join(folder, "calls"), "utf8").catch(() => "");
      return text
        .split("--end--\n")
        .slice(0, -1)
        .map((one) => one.trimEnd().split("\n"));
    },
  };
}

test("a node gets labels, limits, names and addresses after kind's own options and before the image", async () => {
  const { call, calls } = await shim("podman");
  const kinds = [
    "--hostname",
    "drydock-abcd2345-worker",
    "--volume",
    "drydock-abcd2345-worker-var:/var:suid,exec,dev",
    "-e",
    "A=b c",
  ];
  expect((await call("run", "--name", "drydock-abcd2345-worker", ...kinds, "localhost/node:1")).exitCode).toBe(0);
  const [run] = await calls();
  expect(run).toEqual([
    ...["run", "--name", "drydock-abcd2345-worker", ...kinds],
    "--http-proxy=false",
    "--label=drydock=node",
    "--label=drydock.installation=0badcafe",
    "--label=drydock.sandbox=abcd2345",
    "--label=drydock.owner=test",
    "--label=drydock.scope=0badcafe.test",
    "--label=drydock.host=node01",
    "--memory=2048m",
    "--memory-swap=2048m",
    "--cpus=1",
    "--pids-limit=4096",
    "--hostname=node01",
    "--network-alias=node01",
    "--ip=10.200.0.11",
    "--add-host=controlplane:10.200.0.10",
    "localhost/node:1",
  ]);
});

test("a node with a user namespace is given its cgroups as soon as it runs, by its process", async () => {
  const { call, calls } = await shim("podman", ["run", "--rm", "node:1", "-c", "a script with spaces"]);
  expect((await call("run", "--name", "drydock-abcd2345-worker", "localhost/node:1")).exitCode).toBe(0);
  const [run, inspect, delegate] = await calls();
  expect(run).toContain("--uidmap=0:1879048192:65536");
  expect(run?.at(-1)).toBe("localhost/node:1");
  expect(inspect?.slice(-1)).toEqual(["drydock-abcd2345-worker"]);
  expect(delegate).toEqual(["run", "--rm", "node:1", "-c", "a script with spaces", "4711"]);
});

test("kind's way to write a file reads a pipe from inside the node", async () => {
  const { call, calls } = await shim("podman");
  await call("exec", "--privileged", "-i", "drydock-abcd2345-worker", "cp", "/dev/stdin", "/kind/a b");
  const [exec] = await calls();
  expect(exec?.slice(0, 4)).toEqual(["exec", "--privileged", "-i", "drydock-abcd2345-worker"]);
  expect(exec?.slice(4)).toEqual(["sh", "-c", 'cat | cp "$@"', "sh", "/dev/stdin", "/kind/a b"]);
});

test("docker's anonymous /var becomes a labelled volume named after the node", async () => {
  const { call, calls } = await shim("docker");
  await call("run", "--name", "drydock-abcd2345-control-plane", "--volume", "/var", "node:1");
  const [volume, run] = await calls();
  expect(volume?.slice(0, 2)).toEqual(["volume", "create"]);
  expect(volume).toContain("--label=drydock.sandbox=abcd2345");
  expect(volume?.at(-1)).toBe("drydock-abcd2345-control-plane-var");
  expect(run?.slice(3, 5)).toEqual(["--volume", "drydock-abcd2345-control-plane-var:/var"]);
});

test("podman's volume is given a name and labels, keeps kind's label, and its name is printed", async () => {
  const { call, calls } = await shim("podman");
  const result = await call("volume", "create", "--label", "drydock-abcd2345-worker=true");
  expect(result.stdout).toBe("drydock-abcd2345-worker-var\n");
  const [volume] = await calls();
  expect(volume).toContain("--label=drydock=volume");
  expect(volume?.join(" ")).toContain("--label drydock-abcd2345-worker=true");
});

test("everything else is handed on unchanged, with its exit status", async () => {
  const { call, calls, env } = await shim("docker");
  await call("inspect", "--format", "{{ json . }}", "a b");
  expect(await calls()).toEqual([["inspect", "--format", "{{ json . }}", "a b"]]);
  const failing = await tryRun("docker", ["ps"], { env: { ...env, DRYDOCK_SHIM_ENGINE: "/bin/false" } });
  expect(failing.exitCode).toBe(1);
});

test("once the maker is dead nothing more is made, but what was made can be taken back", async () => {
  const { calls, env } = await shim("podman");
  const dead = await tryRun("sh", ["-c", "echo $$"]);
  const orphaned = { env: { ...env, DRYDOCK_SHIM_MAKER: dead.stdout.trim() } };
  for (const args of [
    ["run", "--name", "x", "i"],
    ["exec", "x", "true"],
    ["volume", "create", "--label", "x=true"],
  ]) {
    expect((await tryRun("podman", args, orphaned)).exitCode).toBe(1);
  }
  expect(await calls()).toEqual([]);
  expect((await tryRun("podman", ["rm", "-f", "x"], orphaned)).exitCode).toBe(0);
});

test("nodes get no proxy settings of the machine: neither kind nor the engine's client knows of one", async () => {
  vi.stubEnv("HTTPS_PROXY", "http://proxy.test:3128");
  vi.stubEnv("https_proxy", "http://proxy.test:3128");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { env } = await shim("docker");
  expect((await tryRun("env", [], { env })).stdout).not.toMatch(/^https_proxy=/im);
  const args = await readFile(join(folder, "kind/drydock-abcd2345-worker.args"), "utf8");
  // Those of docker's own settings are overridden one by one.
  for (const name of ["HTTPS_PROXY", "http_proxy", "no_proxy"]) expect(args).toContain(`--env=${name}=\n`);
});

test("kind is pointed at the engine, its settings and the sandbox's own network", async () => {
  const { env } = await shim("podman");
  expect(env).toMatchObject({
    CONTAINERS_CONF: "/some.conf",
    KIND_EXPERIMENTAL_PROVIDER: "podman",
    KIND_EXPERIMENTAL_PODMAN_NETWORK: "drydock-abcd2345",
  });
  expect(env["PATH"]?.startsWith(join(folder, "kind"))).toBe(true);
});
