import { defineConfig } from "vitest/config";

/**
 * Tests that need an engine, the node image and clusters of their own: two files at a time, as each
 * waits half of its time.
 */
export default defineConfig({
  test: {
    include: ["{labs,server}/src/**/*.cluster.test.ts"],
    testTimeout: 180_000,
    hookTimeout: 900_000,
    maxWorkers: 2,
  },
});
