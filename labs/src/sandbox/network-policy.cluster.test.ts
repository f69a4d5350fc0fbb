import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sandbox } from "./provider.ts";
import { type ClusterFixture, clusterFixture } from "./testing/cluster-fixture.ts";

/**
 * Every pod serves on 8080 (called http) and 9090, so that each can be both ends of a connection.
 */
const PODS = {
  "shop/web": "node01",
  "shop/front": "node01",
  "shop/db": "controlplane",
  "lab/front": "node01",
  "lab/tester": "controlplane",
} as const;
type Pod = keyof typeof PODS;

/**
 * Most time between a change of a policy, or of a label it looks at, and its effect. The agent
 * needs far less than a second; the machine may be busy.
 */
const EFFECT_DEADLINE_MS = 20_000;

const manifest = (pod: string, node: string): string => {
  const [namespace, name] = pod.split("/");
  return `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${name}}}
spec:
  nodeName: ${node}
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: busybox
    command: [sh, -c, "mkdir /w; echo ${pod} > /w/index.html; httpd -p 9090 -h /w; exec httpd -f -p 8080 -h /w"]
    ports: [{name: http, containerPort: 8080}, {name: other, containerPort: 9090}]
---`;
};
const OBJECTS = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: a}}
---
apiVersion: v1
kind: Namespace
metadata: {name: lab, labels: {team: b}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---${Object.entries(PODS)
  .map(([pod, node]) => manifest(pod, node))
  .join("")}
`;

let fixture: ClusterFixture;
let sandbox: Sandbox;
let addresses: Record<string, string>;

beforeAll(async () => {
  fixture = await clusterFixture();
  sandbox = await fixture.provider.create({ topology: "two-node", owner: "test" });
  await kubectl(["apply", "-f", "-"], OBJECTS);
  for (const namespace of ["shop", "lab"])
    await kubectl(["wait", "pod", "--all", "-n", namespace, "--for=condition=Ready", "--timeout=120s"]);
  const path = '{range .items[*]}{.metadata.namespace}/{.metadata.name} {.status.podIP}{"\\n"}{end}';
  const lines = (await kubectl(["get", "pods", "-A", "-o", `jsonpath=${path}`])).trim().split("\n");
  addresses = Object.fromEntries(lines.map((line) => line.split(" ")));
  addresses.service = await kubectl(["get", "service", "web", "-n", "shop", "-o", "jsonpath={.spec.clusterIP}"]);
});
afterAll(() => fixture?.dispose());

async function kubectl(args: string[], input?: string): Promise<string> {
  const argv = ["/usr/bin/kubectl", "--kubeconfig=/etc/kubernetes/admin.conf", ...args];
  const result = await sandbox.exec("controlplane", argv, { input, timeoutMs: 150_000 });
  if (result.exitCode !== 0) throw new Error(`kubectl ${args.join(" ")}: ${result.stderr}`);
  return result.stdout;
}

/** Runs a command in a pod; true when it succeeds. */
async function succeeds(pod: string, command: string[]): Promise<boolean> {
  const [namespace, name] = pod.split("/");
  const argv = [
    "/usr/bin/kubectl",
    "--kubeconfig=/etc/kubernetes/admin.conf",
    "exec",
    "-n",
    namespace!,
    name!,
    "--",
    "timeout",
    "2",
    ...command,
  ];
  return (await sandbox.exec("controlplane", argv, { timeoutMs: 20_000 })).exitCode === 0;
}

/**
 * Whether `from>to` is possible: `shop/web>lab/front:9090`, `shop/web>dns`, `shop/web>service`,
 * `node01>shop/web:8080` (from the host itself).
 */
async function possible(flow: string): Promise<boolean> {
  const [from, to] = flow.split(">") as [string, string];
  if (to === "dns") return succeeds(from, ["nslookup", "kubernetes.default.svc.cluster.local"]);
  const [target, port] = to.split(":") as [string, string | undefined];
  const url = `http://${addresses[target]}:${port ?? 80}/`;
  if (from.includes("/")) return succeeds(from, ["wget", "-q", "-O", "/dev/null", url]);
  return (await sandbox.exec(from, ["/usr/bin/curl", "-sf", "-m", "2", "-o", "/dev/null", url])).exitCode === 0;
}

const verdicts = async (flows: string[]): Promise<Record<string, boolean>> =>
  Object.fromEntries(await Promise.all(flows.map(async (flow) => [flow, await possible(flow)])));

/** Waits until the flows are what they should be; the last look is what a failure shows. */
async function expectFlows(allowed: string[], denied: string[]): Promise<void> {
  const expected = Object.fromEntries([...allowed.map((flow) => [flow, true]), ...denied.map((flow) => [flow, false])]);
  const end = Date.now() + EFFECT_DEADLINE_MS;
  let found = await verdicts(Object.keys(expected));
  while (JSON.stringify(found) !== JSON.stringify(expected) && Date.now() < end) {
    await sleep(200);
    found = await verdicts(Object.keys(expected));
  }
  expect(found).toEqual(expected);
}

/** Makes the policies of the namespace shop be these and no others. */
async function policies(...specs: string[]): Promise<void> {
  await kubectl(["delete", "networkpolicy", "--all", "-n", "shop"]);
  const objects = specs.map((spec, index) => {
    const head = `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: policy-${index}, namespace: shop}`;
    return `${head}\nspec: ${spec}\n---`;
  });
  if (objects.length > 0) await kubectl(["apply", "-f", "-"], objects.join("\n"));
}

const allOf = (target: Pod): string[] =>
  Object.keys(PODS)
    .filter((pod) => pod !== target)
    .map((pod) => `${pod}>${target}:8080`);

test("without a policy everybody reaches everybody, on the same node and across, by address, Service and name", async () => {
  await policies();
  await expectFlows(
    [...allOf("shop/web"), ...allOf("shop/db"), "lab/tester>service", "shop/front>dns", "node01>shop/db:8080"],
    [],
  );
});

test("an empty ingress policy denies pods of both nodes, but not the pod's own node, nor what the pod itself begins", async () => {
  await policies("{podSelector: {}, policyTypes: [Ingress]}");
  await expectFlows(
    ["node01>shop/web:8080", "controlplane>shop/db:8080", "shop/web>lab/front:8080", "shop/web>lab/tester:8080", "shop/web>dns"],
    [...allOf("shop/web"), ...allOf("shop/db"), "lab/tester>service", "controlplane>shop/web:8080"],
  );
});

test("ingress by pod label lets that pod in, by Service too, and not its namesake of another namespace", async () => {
  await policies("{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: front}}}]}]}");
  await expectFlows(
    ["shop/front>shop/web:8080", "shop/front>shop/web:9090", "shop/front>service", "lab/tester>shop/db:8080"],
    ["lab/front>shop/web:8080", "shop/db>shop/web:8080", "lab/tester>service"],
  );
});

test("ingress by namespace, pod and named port together", async () => {
  const from = "{namespaceSelector: {matchLabels: {team: b}}, podSelector: {matchLabels: {app: front}}}";
  await policies(`{podSelector: {}, ingress: [{from: [${from}], ports: [{port: http}]}]}`);
  await expectFlows(
    ["lab/front>shop/web:8080", "lab/front>shop/db:8080", "lab/front>service"],
    ["lab/front>shop/web:9090", "lab/tester>shop/web:8080", "shop/front>shop/web:8080"],
  );
});

test("ingress from a block of addresses without an exception of it, on a range of ports", async () => {
  const block = `{ipBlock: {cidr: 10.0.0.0/8, except: ["${addresses["lab/tester"]}/32"]}}`;
  await policies(`{podSelector: {}, ingress: [{from: [${block}], ports: [{port: 8000, endPort: 8100}]}]}`);
  await expectFlows(
    ["lab/front>shop/web:8080", "shop/front>shop/db:8080"],
    ["lab/tester>shop/web:8080", "lab/front>shop/web:9090"],
  );
});

test("an empty egress policy denies everything out, DNS included, and nothing in", async () => {
  await policies("{podSelector: {matchLabels: {app: front}}, policyTypes: [Egress]}");
  await expectFlows(
    ["lab/tester>shop/front:8080", "shop/web>shop/db:8080", "lab/front>dns"],
    ["shop/front>shop/web:8080", "shop/front>shop/db:8080", "shop/front>service", "shop/front>dns"],
  );
});

test("egress to DNS and one pod of the other node only", async () => {
  const dns =
    "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}]}";
  const db = "{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: http}]}";
  await policies(`{podSelector: {matchLabels: {app: front}}, policyTypes: [Egress], egress: [${dns}, ${db}]}`);
  await expectFlows(["shop/front>dns", "shop/front>shop/db:8080"], ["shop/front>shop/db:9090", "shop/front>shop/web:8080"]);
});

test("both ends must agree, and several policies add up", async () => {
  await policies(
    "{podSelector: {}, policyTypes: [Ingress, Egress]}",
    "{podSelector: {matchLabels: {app: front}}, egress: [{to: [{podSelector: {matchLabels: {app: web}}}, {podSelector: {matchLabels: {app: db}}}]}]}",
    "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: front}}}]}]}",
  );
  await expectFlows(
    ["shop/front>shop/web:8080"],
    ["shop/front>shop/db:8080", "lab/front>shop/web:8080", "shop/web>lab/front:8080"],
  );
});

test("a label that a pod gains or loses counts, as does a namespace's", async () => {
  await policies(
    "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{namespaceSelector: {matchLabels: {vip: 'yes'}}}, {podSelector: {matchLabels: {vip: 'yes'}}}]}]}",
  );
  await expectFlows([], ["shop/db>shop/web:8080", "lab/tester>shop/web:8080"]);
  await kubectl(["label", "pod", "-n", "shop", "db", "vip=yes"]);
  await kubectl(["label", "namespace", "lab", "vip=yes"]);
  await expectFlows(["shop/db>shop/web:8080", "lab/tester>shop/web:8080"], ["shop/front>shop/web:8080"]);
  await kubectl(["label", "pod", "-n", "shop", "db", "vip-"]);
  await kubectl(["label", "namespace", "lab", "vip-"]);
  await expectFlows([], ["shop/db>shop/web:8080", "lab/tester>shop/web:8080"]);
});

test("policies hold from a pod's first moment: the denied one never gets out, the allowed one gets in at its first try", async () => {
  await policies(
    "{podSelector: {matchLabels: {app: denied}}, policyTypes: [Egress]}",
    "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: guest}}}]}]}",
  );
  await expectFlows(["shop/front>shop/web:8080"], ["shop/front>shop/db:8080"]);
  const fetch = (target: Pod): string => `timeout 1 wget -q -O- http://${addresses[target]}:8080/`;
  const pod = (app: string, script: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${app}, namespace: shop, labels: {app: ${app}}}
spec: {nodeName: node01, restartPolicy: Never, containers: [{name: main, image: busybox, command: [sh, -c, "exec 2>/dev/null; ${script}; true"]}]}
---`;
  const often = `for i in 1 2 3 4 5; do ${fetch("lab/tester")}; done`;
  await kubectl(["apply", "-f", "-"], pod("denied", often) + pod("free", often) + pod("guest", fetch("shop/db")));
  await kubectl([
    "wait",
    "pod",
    "denied",
    "free",
    "guest",
    "-n",
    "shop",
    "--for=jsonpath={.status.phase}=Succeeded",
    "--timeout=60s",
  ]);
  expect(await kubectl(["logs", "-n", "shop", "denied"])).toBe("");
  expect(await kubectl(["logs", "-n", "shop", "free"])).toBe("lab/tester\n".repeat(5));
  expect(await kubectl(["logs", "-n", "shop", "guest"])).toBe("shop/db\n");
});

test("while the agent is away traffic flows and what is denied stays denied; when it is back it follows again", async () => {
  await policies("{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: front}}}]}]}");
  const allowed = ["shop/front>shop/web:8080", "lab/front>lab/tester:8080"];
  await expectFlows(allowed, ["lab/front>shop/web:8080"]);
  await kubectl(["delete", "pod", "-n", "kube-system", "-l", "app=drydock-net", "--wait=false"]);
  for (let look = 0; look < 5; look++) {
    expect(await possible("lab/front>shop/web:8080")).toBe(false);
    await expectFlows(allowed, []);
  }
  await kubectl(["rollout", "status", "ds/drydock-net", "-n", "kube-system", "--timeout=60s"]);
  await policies();
  await expectFlows([...allowed, "lab/front>shop/web:8080"], []);
});
