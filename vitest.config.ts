import { defineConfig } from "vitest/config";

/** Tests that need no cluster: they lie beside what they test. Those that need one are in test/vitest.cluster.config.ts, those that break things in test/vitest.faults.config.ts. */
export default defineConfig({
  test: {
    include: ["{labs,server,web}/src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/*.cluster.test.ts", "test/faults/**", "**/node_modules/**"],
    testTimeout: 20_000,
    // The suite runs beside clusters on two cores: more workers would only wait for each other.
    maxWorkers: 2,
  },
});
