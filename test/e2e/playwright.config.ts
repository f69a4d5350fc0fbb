import { defineConfig } from "@playwright/test";
import { existsSync } from "node:fs";

/**
 * The page on the real server with real sandboxes: one worker, because each test makes clusters on
 * two cores.
 */
export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  timeout: 240_000,
  expect: { timeout: 20_000 },
  workers: 1,
  retries: 0,
  outputDir: "../../test-results/e2e",
  use: {
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env.DRYDOCK_CHROMIUM ?? ["/usr/bin/chromium"].find((path) => existsSync(path)),
      // As in web/playwright.config.ts.
      args: ["--disable-3d-apis", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
    },
    screenshot: "only-on-failure",
  },
});
