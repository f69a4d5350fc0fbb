import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Config, readConfig } from "../config.ts";
import type { Engine } from "../engine/engine.ts";
import { ensureEngine } from "../engine/index.ts";
import { run } from "../process.ts";
import { Progress } from "../progress.ts";
import { createKindProvider } from "../sandbox/index.ts";
import { ensureKind, ensureNodeImage } from "./index.ts";
import { PINS } from "./pins.ts";
import { freePort } from "../free-port.ts";

// The path of a machine that reaches a registry, with Debian's docker-registry on loopback in the
// registry's place, and in kindest/node's place a node image of our own, from which what our layer
// brings has been taken away.

let folder: string;
let config: Config;
let engine: Engine;
let pushed: string;
let built: string | undefined;
const progress = new Progress();
const stop = new AbortController();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "drydock-official-"));
  const main = readConfig(process.env);
  engine = await ensureEngine(main, progress, { install: true });
  const { reference } = await ensureNodeImage({ config: { ...main, nodeBase: "source" }, engine, progress });
  const registry = await startRegistry();
  config = { ...main, nodeBase: "official", nodeRegistry: registry };
  pushed = `${registry}/kindest/node:${PINS.kubernetes}`;
  const bare = await engine.run(["create", "--label", "drydock=build", "--entrypoint", "bash", reference, "-c", STRIP]);
  try {
    await engine.run(["start", "-a", bare.trim()]);
    await engine.run(["commit", bare.trim(), pushed]);
  } finally {
    await engine.run(["rm", "-f", "-v", bare.trim()]);
  }
  await engine.run(["push", "-q", ...(engine.name === "podman" ? ["--tls-verify=false"] : []), pushed]);
  await engine.run(["rmi", pushed]);
});

afterAll(async () => {
  stop.abort();
  for (const image of [built, pushed]) if (image) await engine.tryRun(["rmi", "-f", image]);
  await rm(folder, { recursive: true, force: true });
});

/** What our layer brings and an official node has not. */
const STRIP = `rm -rf /kind/mirror /kind/manifests/default-cni.yaml /usr/local/bin/drydock-* /etc/containerd/certs.d /etc/containerd/conf.d
  rm -f /etc/systemd/system/multi-user.target.wants/drydock-* && sed -i /^imports/d /etc/containerd/config.toml`;

async function startRegistry(): Promise<string> {
  await run("apt-get", ["-qq", "download", "docker-registry"], { cwd: folder });
  const archive = (await readdir(folder)).find((name) => name.endsWith(".deb")) ?? "";
  await run("dpkg-deb", ["--extract", join(folder, archive), folder]);
  const address = `127.0.0.1:${await freePort()}`;
  const settings = { version: "0.1", storage: { filesystem: { rootdirectory: join(folder, "data") } }, http: { addr: address } };
  await writeFile(join(folder, "config.yml"), JSON.stringify(settings));
  void run(join(folder, "usr/bin/docker-registry"), ["serve", join(folder, "config.yml")], { signal: stop.signal }).catch(
    () => undefined,
  );
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(200)) {
    if (
      await fetch(`http://${address}/v2/`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return address;
  }
  throw new Error("the registry does not answer");
}

test(
  "where a registry has an official node image, our layer is put on that, and a sandbox of it works",
  { timeout: 600_000 },
  async () => {
    const image = await ensureNodeImage({ config, engine, progress });
    built = image.reference;
    expect(image.base).toBe("official");
    const provider = createKindProvider({
      config: { ...config, dataDir: folder, installation: "official" },
      engine,
      nodeImage: async () => image.reference,
      kindPath: () => ensureKind({ config, progress }),
    });
    const sandbox = await provider.create({ topology: "single-node", owner: "test" });
    try {
      const kubectl = ["kubectl", "run", "web", "--image=nginx:1.27", "--image-pull-policy=Always"];
      expect(await sandbox.exec("controlplane", kubectl)).toMatchObject({ exitCode: 0 });
      const ready = ["kubectl", "wait", "--for=condition=Ready", "pod/web", "--timeout=60s"];
      expect(await sandbox.exec("controlplane", ready)).toMatchObject({ exitCode: 0 });
    } finally {
      await provider.remove(sandbox.id);
    }
  },
);

test("what is already here is taken without asking the registry", async () => {
  stop.abort();
  expect(await ensureNodeImage({ config, engine, progress })).toEqual({ reference: built, base: "official" });
});
