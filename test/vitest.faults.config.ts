import { defineConfig } from "vitest/config";

/**
 * Tests that break something on purpose. One file at a time: some take all that the machine has, others measure. `x.cluster.test.ts` need an engine, the node image and clusters of their
 * own; `x.test.ts` need none.
 */
export default defineConfig({
  test: {
    include: ["test/faults/**/*.test.ts"],
    testTimeout: 180_000,
    hookTimeout: 900_000,
    fileParallelism: false,
  },
});
