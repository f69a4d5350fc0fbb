import { defineConfig } from "vitest/config";

/** Tests that need an engine, the node image and clusters of their own: one file after the other, as each fills the machine. */
export default defineConfig({
  test: {
    include: ["{labs,server}/src/**/*.cluster.test.ts"],
    testTimeout: 180_000,
    hookTimeout: 900_000,
    fileParallelism: false,
    maxWorkers: 1,
  },
});
