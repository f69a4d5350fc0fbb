import { defineConfig } from "vitest/config";

/**
 * Tests that need no cluster: they lie beside what they test. Those that need one are in
 * test/vitest.cluster.config.ts, those that break things in test/vitest.faults.config.ts.
 */
export default defineConfig({
  test: {
    include: ["{labs,server,terminal,web}/src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/*.cluster.test.ts", "test/faults/**", "**/node_modules/**"],
    // The suite runs beside clusters on two cores: things take several times what they take alone,
    // and more workers would only wait for each other.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
