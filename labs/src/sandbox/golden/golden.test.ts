import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SandboxContext } from "../context.ts";
import { FakeEngine } from "../testing/fake-engine.ts";
import { abstract, ensureGolden, findGolden, type Golden, type Particulars, render } from "./golden.ts";

const GOLDEN: Particulars = {
  cluster: "drydock-abcd2345",
  address: (host) => (host === "controlplane" ? "10.200.1.10" : "10.200.1.11"),
  token: "abcdef.0123456789abcdef",
  port: 6443,
};
const COPY: Particulars = {
  cluster: "drydock-wxyz6789",
  address: (host) => (host === "controlplane" ? "10.201.7.10" : "10.201.7.11"),
  token: "zyxwvu.fedcba9876543210",
  port: 40123,
};
const text = ({ cluster, address, token, port }: Particulars) => `
--publish=127.0.0.1:${port}:6443/TCP --name ${cluster}-control-plane --label io.x-k8s.kind.cluster=${cluster}
advertiseAddress: ${address("controlplane")} node-ip: ${address("node01")} token: ${token} bindPort: 6443`;

test("what belongs to a cluster alone becomes what belongs to its copy, and nothing else changes", () => {
  const golden = abstract(text(GOLDEN), "two-node", GOLDEN);
  for (const own of ["abcd2345", "10.200.1.1", "0123456789abcdef"]) expect(golden).not.toContain(own);
  expect(render(golden, COPY)).toBe(text(COPY));
});

test("a golden cluster is captured once, found again, and captured anew when it cannot be read", async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), "drydock-golden-"));
  try {
    const context = { config: { cacheDir }, engine: new FakeEngine() } as unknown as SandboxContext;
    const golden: Golden = { hosts: { controlplane: { runArgs: ["run"], files: { "/a": "b" } } }, etcd: Buffer.from([0, 255]) };
    let captures = 0;
    const ensure = () =>
      ensureGolden(context, { image: "node:1", topology: "single-node" }, async () => {
        captures += 1;
        return golden;
      });
    const find = () => findGolden(context, "node:1", "single-node");
    expect(await find()).toBeUndefined();
    await ensure();
    await ensure();
    expect([captures, await find()]).toEqual([1, golden]);

    const [folder] = await readdir(cacheDir);
    await writeFile(join(cacheDir, folder!, "golden.json"), '{"hosts": {');
    expect(await find()).toBeUndefined();
    await ensure();
    expect([captures, await find()]).toEqual([2, golden]);
  } finally {
    await rm(cacheDir, { recursive: true });
  }
});
