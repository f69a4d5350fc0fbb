import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listContainers, listSandboxIds } from "./engine-objects.ts";
import type { Sandbox } from "./provider.ts";
import { type ClusterFixture, clusterFixture } from "./testing/cluster-fixture.ts";
import { measureUsage } from "./usage.ts";

const CLAIM_AND_PODS = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Mi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: nginx, image: "nginx:1.27", imagePullPolicy: Always, volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
---
apiVersion: v1
kind: Pod
metadata: {name: typo}
spec: {containers: [{name: nginx, image: "nginx:1.2777"}]}
`;

let fixture: ClusterFixture;
let first: Sandbox;
let second: Sandbox;

beforeAll(async () => {
  fixture = await clusterFixture();
  const { provider } = fixture;
  // Two at once, on purpose.
  [first, second] = await Promise.all([
    provider.create({ topology: "two-node", owner: "test", leasedFor: "first" }),
    provider.create({ topology: "two-node", owner: "test" }),
  ]);
});
afterAll(() => fixture?.dispose());

async function shell(sandbox: Sandbox, host: string, script: string): Promise<string> {
  const result = await sandbox.exec(host, ["/bin/bash", "-c", script], { timeoutMs: 60_000 });
  return (result.stdout + result.stderr).trim();
}

async function eventually(what: () => Promise<string>, expected: RegExp): Promise<void> {
  let found = "";
  for (const end = Date.now() + 90_000; Date.now() < end; await sleep(1000)) {
    found = await what();
    if (expected.test(found)) return;
  }
  expect(found).toMatch(expected);
}

const addressOf = (sandbox: Sandbox, host: string): Promise<string> =>
  shell(sandbox, "controlplane", `kubectl get node ${host} -o jsonpath='{.status.addresses[?(@.type=="InternalIP")].address}'`);
/** The kubelet of a node answers with its status, or nobody does. */
const reach = (from: Sandbox, address: string): Promise<string> =>
  shell(from, "controlplane", `curl -sk -m 3 -o /dev/null -w '%{http_code}' https://${address}:10250/pods`);

test("hosts, nodes and the context are called as in the exam, and all nodes are Ready", async () => {
  expect(await shell(first, "controlplane", "hostname")).toBe("controlplane");
  expect(await shell(first, "node01", "hostname")).toBe("node01");
  const nodes = await shell(first, "node01", "kubectl get nodes --no-headers | awk '{print $1, $2}'");
  expect(nodes).toBe("controlplane Ready\nnode01 Ready");
  expect(await shell(first, "controlplane", "kubectl config current-context")).toBe("kubernetes-admin@kubernetes");
});

test("root of every host enters every other by its name, unasked", async () => {
  expect(await shell(first, "controlplane", "ssh -o BatchMode=yes node01 hostname")).toBe("node01");
  expect(await shell(first, "node01", "ssh -o BatchMode=yes controlplane hostname")).toBe("controlplane");
});

test("a claim is provisioned, a known image runs with Always, an unknown tag is ErrImagePull", async () => {
  await first.writeFile("controlplane", "/tmp/pods.yaml", CLAIM_AND_PODS);
  await shell(first, "controlplane", "kubectl apply -f /tmp/pods.yaml");
  await eventually(() => shell(first, "controlplane", "kubectl get pod web -o jsonpath='{.status.phase}'"), /^Running$/);
  expect(await shell(first, "controlplane", "kubectl get pvc data -o jsonpath='{.status.phase}'")).toBe("Bound");
  const reason = "kubectl get pod typo -o jsonpath='{.status.containerStatuses[0].state.waiting.reason}'";
  await eventually(() => shell(first, "controlplane", reason), /ErrImagePull|ImagePullBackOff/);
});

test("limits on memory and processes hold inside", async () => {
  const limits = await shell(
    first,
    "node01",
    "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max",
  );
  expect(limits).toBe(`${2048 * 1024 * 1024}\n4096`);
});

test("two sandboxes cannot reach each other, while the hosts of one can", async () => {
  const [own, foreign] = await Promise.all([addressOf(first, "node01"), addressOf(second, "node01")]);
  expect(await reach(first, own)).toBe("401");
  expect(await reach(second, foreign)).toBe("401");
  expect([await reach(first, foreign), await reach(second, own)]).toEqual(["000", "000"]);
});

test("a program gets a clean environment, its exit status counts, and the time limit ends it inside too", async () => {
  const env = await first.exec("node01", ["/usr/bin/env"], { env: { ANSWER: "42" } });
  expect(env.stdout.split("\n").sort().join(" ").trim()).toMatch(/^ANSWER=42 HOME=\/root LANG=C.UTF-8 PATH=\S+$/);
  expect((await first.exec("node01", ["/bin/sh", "-c", "exit 7"])).exitCode).toBe(7);
  expect(await first.exec("node01", ["/bin/sleep", "98765"], { timeoutMs: 1000 })).toMatchObject({
    timedOut: true,
    exitCode: 124,
  });
  expect((await first.exec("node01", ["/usr/bin/pgrep", "-f", "^/bin/sleep 98765"])).exitCode).toBe(1);
});

test("files are written with their mode and read byte by byte; a missing one is an error of its own", async () => {
  const bytes = new Uint8Array([0, 255, 13, 10, 195]);
  await first.writeFile("node01", "/opt/new/folder/file", bytes, "0600");
  expect(new Uint8Array(await first.readFile("node01", "/opt/new/folder/file"))).toEqual(bytes);
  expect(await shell(first, "node01", "stat -c %a /opt/new/folder/file")).toBe("600");
  await expect(first.readFile("node01", "/opt/nothing")).rejects.toMatchObject({ code: "sandbox.no-file" });
  await expect(first.exec("node02", ["true"])).rejects.toMatchObject({ code: "sandbox.unknown-host" });
});

test("a two-node sandbox takes at most 900 MB of memory and 0.5 GB of disk", async () => {
  const usage = (await measureUsage(fixture.engine, fixture.config.installation)).find(({ id }) => id === second.id);
  console.log(`memory ${(usage!.memoryBytes / 1e6).toFixed(0)} MB, disk ${(usage!.diskBytes! / 1e6).toFixed(0)} MB`);
  expect(usage!.memoryBytes).toBeLessThan(900e6);
  expect(usage!.diskBytes).toBeLessThan(500e6);
});

test("a frozen sandbox says so, refuses programs, and its API answers after the thaw", async () => {
  const { provider } = fixture;
  await provider.freeze(second.id);
  await provider.freeze(second.id);
  expect((await provider.list()).find(({ id }) => id === second.id)).toMatchObject({ state: "ready", frozen: true });
  await expect(second.exec("node01", ["true"])).rejects.toMatchObject({ code: "sandbox.frozen" });
  await provider.thaw(second.id);
  await provider.thaw(second.id);
  expect(await shell(second, "controlplane", "kubectl get --raw /readyz")).toBe("ok");
});

test("a lease is kept by whoever looks next, and garbage collection leaves it alone", async () => {
  const { provider } = fixture;
  await provider.lease(second.id, "session-2");
  expect(await provider.collectGarbage("test")).toEqual([]);
  const found = (await provider.list()).map(({ id, state, leasedFor }) => ({ id, state, leasedFor }));
  expect(found).toContainEqual({ id: first.id, state: "leased", leasedFor: "first" });
  expect(found).toContainEqual({ id: second.id, state: "leased", leasedFor: "session-2" });
});

describe("when things break", () => {
  test("a sandbox with a host gone is lost, others are not", async () => {
    const { engine, provider } = fixture;
    const containers = await listContainers(engine, { sandboxId: second.id });
    await engine.run(["rm", "-f", containers.find(({ host }) => host === "node01")!.name]);
    await expect(provider.open(second.id)).rejects.toMatchObject({ code: "sandbox.lost" });
    await expect(second.exec("node01", ["true"])).rejects.toMatchObject({ code: "sandbox.lost" });
    expect((await provider.open(first.id)).hosts).toEqual(["controlplane", "node01"]);
    expect((await provider.list()).find(({ id }) => id === second.id)).toMatchObject({ state: "lost" });
  });

  test("removing leaves nothing of it, twice is once, and the other stays", async () => {
    const { engine, config, provider } = fixture;
    await provider.remove(second.id);
    await provider.remove(second.id);
    expect([...(await listSandboxIds(engine, { installation: config.installation }))]).toEqual([first.id]);
    await expect(provider.open(second.id)).rejects.toMatchObject({ code: "sandbox.unknown" });
  });

  test("an abort in the middle leaves nothing behind", async () => {
    const { engine, config, provider } = fixture;
    const stop = new AbortController();
    const creating = provider.create({ topology: "two-node", owner: "test", signal: stop.signal });
    setTimeout(() => stop.abort(), 4000);
    await expect(creating).rejects.toMatchObject({ code: "process.aborted" });
    expect([...(await listSandboxIds(engine, { installation: config.installation }))]).toEqual([first.id]);
    expect((await provider.list()).map(({ id }) => id)).toEqual([first.id]);
  });
});
