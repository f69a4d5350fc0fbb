import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DIFFERENCES } from "../engine/differences.ts";
import { LABEL, LABEL_INSTALLATION } from "../engine/engine.ts";
import { tryRun } from "../process.ts";
import { containerName } from "./names.ts";
import type { Sandbox } from "./provider.ts";
import { Records } from "./records.ts";
import { type ClusterFixture, clusterFixture } from "./testing/cluster-fixture.ts";
import { createWall } from "./wall.ts";

const NODE_PORT = 30080;
const PAGE = `
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, image: nginx}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: ${NODE_PORT}}]}
`;
/**
 * Stands for the address where clouds tell a machine its secrets: one of the same range, but this
 * machine's own, as a test must not ask a real one.
 */
const LINK_LOCAL = "169.254.77.77";

/**
 * Opens ways out, as root of a sandbox may: to the neighbour's network, and for some ports to the
 * loopback of the machine.
 */
const OPEN_WAYS = `
gateway=$1 address=$2 network=$3
shift 3
ip route replace "$network" via "$gateway"
sysctl -qw net.ipv4.conf.all.route_localnet=1 net.ipv4.conf.all.accept_local=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0
ip route replace 127.0.0.1 via "$gateway" src "$address" table 77
ip rule add pref 2 lookup local
for port in "$@"; do ip rule add pref 1 to 127.0.0.1 ipproto tcp dport "$port" lookup 77; done
ip rule del pref 0
`;
/**
 * Takes away all that stands inside the sandbox, some of which the kubelet would put back, then
 * asks all at once, each given as NAME URL, and prints the names of those that answer.
 */
const ATTACK = `
ip route show type unreachable | while read -r _ range _; do ip route del unreachable "$range"; done
nft flush ruleset
for table in filter nat mangle raw; do iptables-legacy -t $table -F; done 2>/dev/null
while [ $# -gt 0 ]; do
  (curl -sk --noproxy '*' -m 3 -o /dev/null "$2" && echo "$1") &
  shift 2
done
wait`;

let fixture: ClusterFixture;
let image: string;
let attacker: Sandbox;
let neighbour: Sandbox;
let service: Server;
let targets: Record<string, string>;
const undo: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  fixture = await clusterFixture();
  const { engine, config, provider } = fixture;
  await provider.prepareCopies({ topology: "single-node", owner: "test" });
  [attacker, neighbour] = await Promise.all([
    provider.create({ topology: "single-node", owner: "test" }),
    provider.create({ topology: "single-node", owner: "test" }),
  ]);
  image = (await new Records(config.dataDir).read(attacker.id).then((record) => (record as { image?: string }).image))!;
  await shell(neighbour, `kubectl apply -f - <<'END'\n${PAGE}\nEND\nkubectl wait pod web --for=condition=Ready --timeout=120s`);
  await must("ip", ["addr", "add", `${LINK_LOCAL}/32`, "dev", "lo"]);
  undo.push(() => tryRun("ip", ["addr", "del", `${LINK_LOCAL}/32`, "dev", "lo"]));
  service = createServer((_, response) => response.end("the machine"));
  await new Promise<void>((resolve) => service.listen(0, "0.0.0.0", resolve));

  const published = (await engine.run(["port", containerName(neighbour.id, "single-node", "controlplane")!, "6443/tcp"])).trim();
  const [own, theirs] = await Promise.all([addressOf(attacker), addressOf(neighbour)]);
  const port = (service.address() as AddressInfo).port;
  targets = {
    "the neighbour's API": `https://${theirs}:6443/version`,
    "the neighbour's kubelet": `https://${theirs}:10250/healthz`,
    "the neighbour's pod": `http://${theirs}:${NODE_PORT}/`,
    "the neighbour's API as it is published": `https://${published}/version`,
    "the machine by its bridge": `http://${gatewayOf(own)}:${port}/`,
    "the machine by the neighbour's bridge": `http://${gatewayOf(theirs)}:${port}/`,
    "the machine's loopback": `http://127.0.0.1:${port}/`,
    "a link-local address": `http://${LINK_LOCAL}:${port}/`,
  };
  const ports = [published.split(":")[1]!, String(port)];
  await shell(attacker, OPEN_WAYS, [gatewayOf(own), own, gatewayOf(theirs).replace(/1$/, "0/24"), ...ports]);
});
afterAll(async () => {
  for (const one of undo) await one();
  service?.close();
  await fixture?.dispose();
});

async function shell(sandbox: Sandbox, script: string, args: string[] = []): Promise<string> {
  const result = await sandbox.exec("controlplane", ["/bin/bash", "-c", script, "test", ...args], { timeoutMs: 150_000 });
  if (result.exitCode !== 0) throw new Error(`${script}: ${result.stderr}${result.stdout}`);
  return result.stdout.trim();
}

async function must(file: string, args: string[]): Promise<void> {
  const { exitCode, stderr } = await tryRun(file, args);
  if (exitCode !== 0) throw new Error(`${file} ${args.join(" ")}: ${stderr}`);
}

const addressOf = (sandbox: Sandbox): Promise<string> =>
  shell(sandbox, "ip -4 -o addr show eth0 | awk '{print $4}' | cut -d/ -f1");
const gatewayOf = (address: string): string => address.replace(/\d+$/, "1");

/** The names of the targets that root of the attacking sandbox reaches. */
async function reached(): Promise<string[]> {
  const names = (await shell(attacker, ATTACK, Object.entries(targets).flat())).split("\n").filter(Boolean);
  return Object.keys(targets).filter((name) => names.includes(name));
}

/**
 * Another network comes, with a container on it, and goes: after that netavark 1.4.0 isolates no
 * network from another.
 */
async function comeAndGo(): Promise<void> {
  const { engine, config } = fixture;
  const name = `drydock-test-${attacker.id}`;
  const labels = ["--label", `${LABEL}=test`, "--label", `${LABEL_INSTALLATION}=${config.installation}`];
  const isolated = Object.entries(DIFFERENCES[engine.name].isolation).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  await engine.run(["network", "create", ...isolated, ...labels, name]);
  try {
    await engine.run(["run", "--rm", ...labels, "--network", name, "--entrypoint", "/bin/true", image]);
  } finally {
    await engine.run(["network", "rm", "-f", name]);
  }
}

/**
 * Makes a hole in the wall for the two sandboxes, and for nothing else: others are on this machine.
 */
async function takeRulesAway(): Promise<void> {
  const { engine } = fixture;
  const addresses = await Promise.all([attacker, neighbour].map(addressOf));
  const bridges = addresses.map((address) => address.replace(/^10\.(\d+)\.(\d+)\.\d+$/, '"drydock-$1-$2"')).join(", ");
  const hole = (chain: string) => `insert rule inet drydock ${chain} iifname { ${bridges} } accept`;
  const holes = ["origin", "leave", "machine"].map(hole);
  await engine.run([
    "run",
    "--rm",
    "--privileged",
    "--network",
    "host",
    "--entrypoint",
    "/usr/sbin/nft",
    image,
    holes.join("; "),
  ]);
}

const putBack = () => createWall(fixture.engine, fixture.config.installation).ensure(image);

test("root of a sandbox that has taken away all that stands inside it reaches no neighbour and nothing of the machine, while networks come and go", async () => {
  expect(await reached()).toEqual([]);
  for (let round = 0; round < 2; round++) {
    await comeAndGo();
    expect(await reached()).toEqual([]);
  }
});

test("it is our rules that keep it in: without them the same attack reaches everything, with them put back nothing", async () => {
  // Docker keeps its networks apart by itself.
  const open = Object.keys(targets).filter((name) => fixture.engine.name === "podman" || !name.startsWith("the neighbour's"));
  let found: string[] = [];
  // What else makes sandboxes on this machine mends the wall, and the engine's own isolation, at
  // any moment.
  for (let tries = 0; tries < 5 && found.length < open.length; tries++) {
    await takeRulesAway();
    await comeAndGo();
    found = await reached();
  }
  expect(found).toEqual(open);
  expect(await putBack()).toEqual({ up: true });
  expect(await reached()).toEqual([]);
});

test("a wall that has gone is there again when the next network has been made or removed", async () => {
  const { provider } = fixture;
  await takeRulesAway();
  const another = await provider.create({ topology: "single-node", owner: "test" });
  expect(await reached()).toEqual([]);
  await takeRulesAway();
  await provider.remove(another.id);
  expect(await reached()).toEqual([]);
});

test("addresses of pods and Services that nobody has are refused at once and never leave the sandbox", async () => {
  for (const address of ["10.244.77.7", "10.111.77.7"]) {
    // Status 7: refused; 28 would be out of time.
    const script = `curl -s --noproxy '*' -m 20 http://${address}/; echo $?`;
    for (const sandbox of [neighbour, attacker]) expect(await shell(sandbox, script)).toBe("7");
  }
});
