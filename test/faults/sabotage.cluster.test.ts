import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Report } from "../../labs/src/checks/outcome.ts";
import { runChecks } from "../../labs/src/checks/run.ts";
import { runScript } from "../../labs/src/grading/script.ts";
import { setUp } from "../../labs/src/grading/set-up.ts";
import { containerName } from "../../labs/src/sandbox/names.ts";
import type { Sandbox } from "../../labs/src/sandbox/provider.ts";
import { type ClusterFixture, clusterFixture } from "../../labs/src/sandbox/testing/cluster-fixture.ts";
import { loadScenario } from "../../labs/src/scenarios/load.ts";
import { solutionScript } from "../../labs/src/scenarios/markdown.ts";
import type { Scenario } from "../../labs/src/scenarios/schema.ts";

const SABOTAGE = readFileSync(join(import.meta.dirname, "support/sabotage.sh"), "utf8");
const TIMEOUT_MS = 180_000;

const STATES = [
  { state: "untouched", verdict: "failed" },
  { state: "solved", verdict: "passed" },
] as const;

/**
 * Whose checks have a new pod started. Where the kubelet's own programs (mount) fail none can be:
 * that cluster is broken, and said to be.
 */
const STARTS_PODS: ReadonlySet<string> = new Set(["etcd-restore", "fix-liveness-probe"]);

let fixture: ClusterFixture;
beforeAll(async () => {
  fixture = await clusterFixture();
  await fixture.provider.prepareCopies({ topology: "two-node", owner: "test" });
});
afterAll(() => fixture?.dispose());

/** A verdict without what differs each time. */
const outcomes = ({ verdict, checks }: Report) => [
  verdict,
  ...checks.map(({ id, outcome, expected, reason }) => ({ id, outcome, expected, reason })),
];

const says = async (sandbox: Sandbox, host: string, argv: string[]) => {
  const { exitCode, stdout, stderr } = await sandbox.exec(host, argv, { timeoutMs: 20_000 });
  return { exitCode, said: stdout + stderr };
};

/** Replaces programs by ones that lie, and what shells and names are resolved by. */
async function makeLiars(sandbox: Sandbox): Promise<void> {
  for (const host of sandbox.hosts) {
    await runScript(sandbox, host, SABOTAGE, { as: "setup", strict: false, timeoutMs: TIMEOUT_MS });
    for (const program of ["/bin/bash", "/usr/bin/cat", "/usr/bin/stat", "/usr/local/bin/kubectl", "/usr/bin/curl"]) {
      expect(await says(sandbox, host, [program, "/etc/hostname"])).toMatchObject({
        exitCode: 0,
        said: expect.stringContaining("healthy"),
      });
    }
  }
}

/** Puts an executable file into a host by the engine, without any program of the host's. */
async function putFile(sandbox: Sandbox, host: string, path: string, content: string): Promise<void> {
  const source = join(fixture.config.dataDir, randomUUID());
  writeFileSync(source, content, { mode: 0o755 });
  await fixture.engine.run(["cp", source, `${containerName(sandbox.id, sandbox.topology, host)!}:${path}`]);
}

/** Has every program that is linked with libraries end before it begins. */
async function breakPrograms(sandbox: Sandbox): Promise<void> {
  for (const host of sandbox.hosts) {
    await putFile(sandbox, host, "/etc/ld.so.preload", "/opt/liar/broken.so\n");
    for (const program of ["/bin/sh", "/usr/bin/dash", "/usr/bin/id"]) {
      expect(await says(sandbox, host, [program, "-c", ":"])).toMatchObject({
        exitCode: 127,
        said: expect.stringContaining("libX.so.6"),
      });
    }
  }
}

const LIAR = '#!/usr/bin/dash\necho \'{"answered":true,"status":200,"connected":true}\'\n';

/**
 * Replaces Drydock's own programs on the hosts. From then on nothing can be run there any more, but
 * for what the engine runs itself.
 */
async function replaceOurs(sandbox: Sandbox): Promise<void> {
  for (const host of sandbox.hosts) {
    for (const program of ["shell", "mirror", "observer", "exec"]) {
      const path = `/usr/local/bin/drydock-${program}`;
      await putFile(sandbox, host, path, LIAR);
      expect(await sandbox.observe(host, { ask: "stat", path })).toMatchObject({ sizeBytes: LIAR.length });
    }
  }
}

async function prepare(scenario: Scenario, solved: boolean): Promise<Sandbox> {
  const sandbox = await fixture.provider.create({ topology: scenario.topology, owner: "test", leasedFor: scenario.slug });
  await setUp(scenario, sandbox);
  if (solved) {
    const script = solutionScript(scenario.solution.en);
    const result = await runScript(sandbox, scenario.host, script, { as: "learner", timeoutMs: TIMEOUT_MS });
    expect(result.exitCode, result.stderr).toBe(0);
  }
  return sandbox;
}

/**
 * Judges, sabotages, judges again: whatever is done to the host, the outcome of each check stays.
 */
async function expectUnmoved(scenario: Scenario, { state, verdict }: (typeof STATES)[number]): Promise<void> {
  const sandbox = await prepare(scenario, state === "solved");
  try {
    const judge = async () => outcomes(await runChecks(scenario, sandbox));
    const before = await judge();
    expect(before[0], state).toBe(verdict);
    await makeLiars(sandbox);
    expect(await judge(), `${state}, with programs that lie`).toEqual(before);
    if (!STARTS_PODS.has(scenario.slug)) {
      await breakPrograms(sandbox);
      expect(await judge(), `${state}, with programs that fail`).toEqual(before);
    }
    await replaceOurs(sandbox);
    expect(await judge(), `${state}, with our own programs replaced`).toEqual(before);
  } finally {
    await fixture.provider.remove(sandbox.id);
  }
}

test.each(["drain-node01", "etcd-restore", "fix-liveness-probe", "static-pod"])(
  "%s: the hosts' programs, settings and libraries have no say in a verdict, untouched or solved",
  async (slug) => {
    const scenario = loadScenario(join(fixture.config.scenariosDir, slug));
    await Promise.all(STATES.map((one) => expectUnmoved(scenario, one)));
  },
  600_000,
);
