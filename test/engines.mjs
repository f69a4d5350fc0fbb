// `npm run test:engines`: one scenario's contract on podman and on docker. Ends with one line, `N
// passed, N failed`.
import { join } from "node:path";
import { ensurePackages, requireNode } from "../scripts/prepare.mjs";

requireNode();
await ensurePackages();
const { commandTest, contractSuite } = await import("./suite.mjs");
const { obtainDocker } = await import("./docker-engine.mjs");
const { readConfig } = await import("../labs/src/config.ts");

const SCENARIO = process.argv[2] ?? "drain-node01";
const config = readConfig(process.env);
const results = [];

/** On all engines, or on the one that DRYDOCK_ENGINE names. */
async function onEngine(name, run) {
  if (config.engine !== undefined && config.engine !== name) return;
  console.log(`\n── ${SCENARIO} on ${name}`);
  results.push(...(await run()));
}

/**
 * First what sandboxes are copied from: a cluster made by kind on this engine; then the contract,
 * on copies.
 */
async function prepareAndTest(env) {
  return [await commandTest("drydock prepare", "npx", ["drydock", "prepare"], { env }), await contractSuite([SCENARIO], env)];
}

await onEngine("podman", () => prepareAndTest({ DRYDOCK_ENGINE: "podman" }));
await onEngine("docker", async () => {
  const docker = await obtainDocker(join(config.dataDir, "cache/docker-engine"));
  try {
    return await prepareAndTest({ DRYDOCK_ENGINE: "docker", ...docker.env });
  } finally {
    await docker.stop();
  }
});

const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
