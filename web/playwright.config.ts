import { existsSync } from "node:fs";
import { chromium, defineConfig } from "@playwright/test";

/** The built page against the pretended server of dev/: no cluster, no container engine. */
const port = Number(process.env["DRYDOCK_FAKE_PORT"] ?? 8797);
const executablePath = [process.env["DRYDOCK_CHROMIUM"], chromium.executablePath(), "/usr/bin/chromium"].find(
  (path) => path !== undefined && existsSync(path),
);

export default defineConfig({
  testDir: "test",
  // In `npm test` clusters boot beside this on the same cores: a condition is waited for as long as
  // a page there may need.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  workers: 2,
  fullyParallel: true,
  outputDir: "../test-results/web",
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    viewport: { width: 1280, height: 720 },
    locale: "en-GB",
    permissions: ["clipboard-read", "clipboard-write"],
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      // Chromium's own sandbox does not start as root. WebGL without a graphics card takes a core
      // for itself: the terminal draws with the DOM.
      args: ["--disable-3d-apis", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
    },
    screenshot: "only-on-failure",
  },
  webServer: {
    command: "node dev/build-page.mjs && npx tsx dev/main.ts",
    env: { PORT: String(port) },
    url: `http://127.0.0.1:${port}/`,
    timeout: 60_000,
  },
});
