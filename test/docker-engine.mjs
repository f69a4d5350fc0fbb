// A docker to test with: the one whose daemon answers, or on a Debian, as root, one of our own
// beside the machine's.
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { register } from "tsx/esm/api";
import { execute } from "./suite.mjs";

register();
const { debianArchive } = await import("../labs/src/image/debian-archive.ts");
const { readHardLimits } = await import("../labs/src/engine/limits.ts");

// The daemon is trixie's: it runs without CAP_SYS_RESOURCE, which bookworm's 20.10 does not, and
// needs no newer libc than bookworm has.
const FROM_TRIXIE = ["docker.io", "docker-cli", "containerd"];
// trixie's runc needs a newer libc: it comes from the release that this machine runs.
const FROM_OWN_RELEASE = ["runc"];
const START_DEADLINE_MS = 60_000;

async function must(file, args, options) {
  const { code, output } = await execute(file, args, { quiet: true, ...options });
  if (code !== 0) throw new Error(`${file} ${args.slice(0, 4).join(" ")} ended with ${code}: ${output.trim().slice(-500)}`);
  return output;
}

/**
 * @param {string} cacheDir where the packages are kept for the next time
 * @returns {Promise<{ env: Record<string, string>, stop: () => Promise<void> }>} `env` leads the
 * docker command to it
 */
export async function obtainDocker(cacheDir) {
  if ((await execute("docker", ["version"], { quiet: true })).code === 0) return { env: {}, stop: async () => {} };
  if (process.platform !== "linux" || process.getuid() !== 0 || !existsSync("/etc/debian_version")) {
    throw new Error(
      "No docker daemon answers. Start Docker and try again (root on a Debian needs none: it gets one of its own).",
    );
  }
  return startDocker(await unpackDocker(cacheDir));
}

/** Packages are read by apt itself, with lists and cache of our own: nothing is installed. */
async function unpackDocker(cacheDir) {
  const root = join(cacheDir, "root");
  const mark = join(cacheDir, "complete");
  if (existsSync(mark)) return root;
  rmSync(cacheDir, { recursive: true, force: true });
  const [lists, archives, debs] = ["lists/partial", "cache/archives/partial", "debs"].map((name) => join(cacheDir, name));
  for (const folder of [lists, archives, debs, root]) mkdirSync(folder, { recursive: true });
  const release = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "bookworm";
  const targets = await must("apt-get", [
    "indextargets",
    "--format",
    "$(REPO_URI) $(RELEASE) $(COMPONENT)",
    "Created-By: Packages",
  ]);
  const archive = debianArchive(targets, release);
  const keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
  const sources = ["trixie", release].map((suite) => `deb [signed-by=${keys}] ${archive} ${suite} main\n`);
  writeFileSync(join(cacheDir, "sources.list"), [...new Set(sources)].join(""));
  const options = [
    `Dir::Etc::SourceList=${join(cacheDir, "sources.list")}`,
    "Dir::Etc::SourceParts=/dev/null",
    `Dir::State::Lists=${join(cacheDir, "lists")}`,
    `Dir::Cache=${join(cacheDir, "cache")}`,
    "APT::Sandbox::User=root",
  ].flatMap((option) => ["-o", option]);
  await must("apt-get", [...options, "-q", "update"]);
  const wanted = [...FROM_TRIXIE.map((name) => `${name}/trixie`), ...FROM_OWN_RELEASE.map((name) => `${name}/${release}`)];
  await must("apt-get", [...options, "-q", "download", ...wanted], { cwd: debs });
  for (const deb of readdirSync(debs)) await must("dpkg", ["-x", join(debs, deb), root]);
  if (!existsSync(join(root, "usr/bin/runc"))) symlinkSync(join(root, "usr/sbin/runc"), join(root, "usr/bin/runc"));
  writeFileSync(mark, "");
  return root;
}

async function startDocker(root) {
  const state = mkdtempSync(join(tmpdir(), "drydock-docker-"));
  const host = `unix://${join(state, "docker.sock")}`;
  const env = { DOCKER_HOST: host, PATH: `${join(root, "usr/bin")}:${join(root, "usr/sbin")}:${process.env.PATH}` };
  const { nofile, nproc } = await readHardLimits();
  const flags = [
    ...["--host", host, "--data-root", join(state, "data"), "--exec-root", join(state, "exec"), "--pidfile", join(state, "pid")],
    ...["--bridge", "none", "--default-cgroupns-mode", "private"],
    ...["--userland-proxy-path", join(root, "usr/sbin/docker-proxy")],
    ...["--default-ulimit", `nofile=${nofile}:${nofile}`, "--default-ulimit", `nproc=${nproc}:${nproc}`],
  ];
  // A daemon that has to switch forwarding on closes it for everybody else on the machine; switched
  // on before, it leaves that alone.
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
  const log = openSync(join(state, "log"), "w");
  const daemon = spawn(join(root, "usr/sbin/dockerd"), flags, { env: { ...process.env, ...env }, stdio: ["ignore", log, log] });
  const ended = new Promise((done) => daemon.once("exit", done));
  const stop = async () => {
    daemon.kill("SIGTERM");
    await ended;
    await removeFirewallChains();
    // A container on the host's network (the image build's) makes dockerd mount this, and leave it
    // mounted.
    await execute("umount", [join(state, "exec/netns/default")], { quiet: true });
    rmSync(state, { recursive: true, force: true });
  };
  for (const end = Date.now() + START_DEADLINE_MS; ; await sleep(300)) {
    if ((await execute("docker", ["version"], { quiet: true, env })).code === 0) return { env, stop };
    if (daemon.exitCode === null && Date.now() < end) continue;
    const said = readFileSync(join(state, "log"), "utf8").slice(-1000);
    await stop();
    throw new Error(`dockerd did not come up: ${said}`);
  }
}

/** The daemon leaves its empty chains behind: takes away what jumps to them, then them. */
async function removeFirewallChains() {
  for (const table of ["filter", "nat"]) {
    const rules = (await execute("iptables", ["-t", table, "-S"], { quiet: true })).output.split("\n");
    const chains = rules.map((rule) => /^-N (DOCKER\S*)$/.exec(rule)?.[1]).filter(Boolean);
    const jumps = rules.filter((rule) => /^-A .* -j DOCKER\S*$/.test(rule));
    for (const jump of jumps) await execute("iptables", ["-t", table, ...jump.replace("-A", "-D").split(" ")], { quiet: true });
    for (const chain of chains) await execute("iptables", ["-t", table, "-F", chain], { quiet: true });
    for (const chain of chains) await execute("iptables", ["-t", table, "-X", chain], { quiet: true });
  }
}
