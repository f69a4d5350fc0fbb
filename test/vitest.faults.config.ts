import { defineConfig } from "vitest/config";

/**
 * Tests that break something on purpose: `x.cluster.test.ts` need an engine, the node image and
 * clusters of their own, `x.test.ts` need none; and the server's kills, more of them than in `npm
 * test`, which has no time for these. One file at a time: some take all that the machine has,
 * others measure.
 */
export default defineConfig({
  test: {
    include: ["test/faults/**/*.test.ts", "server/src/crash.test.ts"],
    env: { DRYDOCK_TEST_KILLS: "20" },
    testTimeout: 180_000,
    hookTimeout: 900_000,
    fileParallelism: false,
  },
});
