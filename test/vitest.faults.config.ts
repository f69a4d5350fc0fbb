import { defineConfig } from "vitest/config";

/**
 * Tests that break something on purpose and take longer than `npm test` has: `x.cluster.test.ts` need an engine, the node image and clusters of their own, `x.long.test.ts` need none; and the
 * server's kills, more of them. The quick ones (`x.test.ts`) are part of `npm test`. One file at a time: some take all that the machine has, others measure.
 */
export default defineConfig({
  test: {
    include: ["test/faults/**/*.{long,cluster}.test.ts", "server/src/crash.test.ts"],
    env: { DRYDOCK_TEST_KILLS: "20" },
    testTimeout: 180_000,
    hookTimeout: 900_000,
    fileParallelism: false,
  },
});
