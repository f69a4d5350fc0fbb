// `npm run test:engines`: one scenario's contract on podman and on docker. Ends with one line, `N passed, N failed`.
import { join } from "node:path";
import { ensurePackages, requireNode } from "../scripts/prepare.mjs";

requireNode();
await ensurePackages();
const { contractSuite } = await import("./suite.mjs");
const { obtainDocker } = await import("./docker-engine.mjs");
const { readConfig } = await import("../labs/src/config.ts");

const SCENARIO = process.argv[2] ?? "drain-node01";
const results = [];

console.log(`\n── ${SCENARIO} on podman`);
results.push(await contractSuite([SCENARIO], { DRYDOCK_ENGINE: "podman" }));

console.log(`\n── ${SCENARIO} on docker`);
const docker = await obtainDocker(join(readConfig(process.env).dataDir, "cache/docker-engine"));
try {
  results.push(await contractSuite([SCENARIO], { DRYDOCK_ENGINE: "docker", ...docker.env }));
} finally {
  await docker.stop();
}

const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
