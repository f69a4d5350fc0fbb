import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
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
/** Made by kind from nothing. */
let first: Sandbox;
/** A copy of the golden cluster. */
let second: Sandbox;

beforeAll(async () => {
  fixture = await clusterFixture();
  const { provider, kindOnly } = fixture;
  await provider.prepareCopies({ topology: "two-node", owner: "test" });
  // Two at once, on purpose.
  [first, second] = await Promise.all([
    kindOnly.create({ topology: "two-node", owner: "test", leasedFor: "first" }),
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

describe.each([
  { made: "made by kind", which: () => first },
  { made: "copied from the golden cluster", which: () => second },
])("a sandbox $made", ({ which }) => {
  test("hosts, nodes and the context are called as in the exam, and all nodes are Ready", async () => {
    const sandbox = which();
    expect(await shell(sandbox, "controlplane", "hostname")).toBe("controlplane");
    expect(await shell(sandbox, "node01", "hostname")).toBe("node01");
    const nodes = await shell(sandbox, "node01", "kubectl get nodes --no-headers | awk '{print $1, $2}'");
    expect(nodes).toBe("controlplane Ready\nnode01 Ready");
    expect(await shell(sandbox, "controlplane", "kubectl config current-context")).toBe("kubernetes-admin@kubernetes");
  });

  test("root of every host enters every other by its name, unasked", async () => {
    const sandbox = which();
    expect(await shell(sandbox, "controlplane", "ssh -o BatchMode=yes node01 hostname")).toBe("node01");
    expect(await shell(sandbox, "node01", "ssh -o BatchMode=yes controlplane hostname")).toBe("controlplane");
  });

  test("a claim is provisioned, a known image runs with Always, an unknown tag is ErrImagePull", async () => {
    const sandbox = which();
    await sandbox.writeFile("controlplane", "/tmp/pods.yaml", CLAIM_AND_PODS);
    await shell(sandbox, "controlplane", "kubectl apply -f /tmp/pods.yaml");
    await eventually(() => shell(sandbox, "controlplane", "kubectl get pod web -o jsonpath='{.status.phase}'"), /^Running$/);
    expect(await shell(sandbox, "controlplane", "kubectl get pvc data -o jsonpath='{.status.phase}'")).toBe("Bound");
    const reason = "kubectl get pod typo -o jsonpath='{.status.containerStatuses[0].state.waiting.reason}'";
    await eventually(() => shell(sandbox, "controlplane", reason), /ErrImagePull|ImagePullBackOff/);
  });

  test("DNS answers for Services, and nothing has been started twice", async () => {
    const sandbox = which();
    const lookUp = "dig +short +time=2 +tries=1 @10.96.0.10 kubernetes.default.svc.cluster.local";
    expect(await shell(sandbox, "node01", lookUp)).toBe("10.96.0.1");
    const restarts = "kubectl -n kube-system get pods -o jsonpath='{.items[*].status.containerStatuses[*].restartCount}'";
    expect(await shell(sandbox, "controlplane", restarts)).toMatch(/^(0 ?)+$/);
    expect(await shell(sandbox, "node01", "systemctl show kubelet -p NRestarts --value")).toBe("0");
  });

  test("the grader has a certificate of its own, whose key is nowhere in the sandbox", async () => {
    const sandbox = which();
    const { user } = (parse(readFileSync(sandbox.kubeconfigPath, "utf8")) as { users: [{ user: Record<string, string> }] })
      .users[0];
    const decode = (name: string) => Buffer.from(user[name]!, "base64").toString();
    expect(new X509Certificate(decode("client-certificate-data")).subject).toBe("O=system:masters\nCN=drydock-grader");
    // A line out of the middle of the key, as it is and as it would stand in a kubeconfig.
    const line = decode("client-key-data").split("\n")[3]!;
    expect(line).toMatch(/^\S{64}$/);
    const encoded = user["client-key-data"]!.slice(200, 264);
    await sandbox.writeFile("controlplane", "/run/there", line);
    const folders = "/etc /kind /root /run /tmp /var/lib/kubelet /var/log";
    const search = (text: string) => shell(sandbox, "controlplane", `grep -rlsF --devices=skip -e '${text}' ${folders}`);
    expect(await search(line)).toBe("/run/there");
    expect(await search(encoded)).toBe("");
  });

  test("another node could join it, and its certificates can be renewed", async () => {
    const sandbox = which();
    const join = await shell(sandbox, "controlplane", "kubeadm token create --print-join-command");
    const token = /--token (\S+)/.exec(join)?.[1];
    const discovery = "curl -sk https://controlplane:6443/api/v1/namespaces/kube-public/configmaps/cluster-info";
    const info = await shell(sandbox, "node01", discovery);
    expect(info).toContain(`jws-kubeconfig-${token?.split(".")[0]}`);
    const authority = "base64 -w0 /etc/kubernetes/pki/ca.crt";
    expect(info).toContain(await shell(sandbox, "node01", authority));
    const renewed = await shell(sandbox, "controlplane", "kubeadm certs renew apiserver");
    expect(renewed).toContain("certificate for serving the Kubernetes API renewed");
  });
});

describe("another copy", () => {
  let third: Sandbox;
  beforeAll(async () => {
    third = await fixture.provider.create({ topology: "two-node", owner: "test" });
  });
  afterAll(() => fixture.provider.remove(third.id));

  test("a two-node sandbox takes at most 900 MB of memory and 0.5 GB of disk", async () => {
    const usage = (await measureUsage(fixture.engine, fixture.config.installation)).find(({ id }) => id === third.id);
    console.log(`memory ${(usage!.memoryBytes / 1e6).toFixed(0)} MB, disk ${(usage!.diskBytes! / 1e6).toFixed(0)} MB`);
    expect(usage!.memoryBytes).toBeLessThan(900e6);
    expect(usage!.diskBytes).toBeLessThan(500e6);
  });

  test("it has credentials of its own: those of its golden cluster's other copies open nothing", async () => {
    const authority = (sandbox: Sandbox) =>
      shell(sandbox, "controlplane", "openssl x509 -noout -fingerprint -in /etc/kubernetes/pki/ca.crt");
    expect(await authority(third)).not.toBe(await authority(second));
    const keys = "sha256sum /etc/kubernetes/pki/{ca,sa,front-proxy-ca,etcd/ca,apiserver}.key /root/.ssh/id_ed25519 | cut -c 1-64";
    const [own, others] = await Promise.all([shell(third, "controlplane", keys), shell(second, "controlplane", keys)]);
    expect(own.split("\n").filter((key) => others.includes(key))).toEqual([]);
    const credentials = await second.readFile("controlplane", "/etc/kubernetes/super-admin.conf");
    await third.writeFile("controlplane", "/tmp/foreign.conf", credentials);
    const ask = "kubectl --kubeconfig /tmp/foreign.conf --insecure-skip-tls-verify get nodes";
    // kubectl refuses to be careless with an authority given, so that is left out.
    await shell(third, "controlplane", "sed -i /certificate-authority-data/d /tmp/foreign.conf");
    expect(await shell(third, "controlplane", ask)).toMatch(/Unauthorized|logged in to the server/);
  });
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

  test("one that is removed as soon as it was thawed bothers nobody with what it was still doing", async () => {
    const { engine, config, provider } = fixture;
    await provider.freeze(first.id);
    await provider.thaw(first.id);
    await provider.remove(first.id);
    expect([...(await listSandboxIds(engine, { installation: config.installation }))]).toEqual([]);
  });
});
