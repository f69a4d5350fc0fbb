// `npm test`: everything, from a fresh clone on. Ends with one line, `N passed, N failed`.
import { ensurePackages, ensurePage, requireNode, warmUp } from "../scripts/prepare.mjs";

requireNode();
const startedAt = Date.now();
const elapsed = () =>
  `${Math.floor((Date.now() - startedAt) / 60_000)} min ${Math.round(((Date.now() - startedAt) / 1000) % 60)} s`;
const say = (title) => console.log(`\n── ${title} (after ${elapsed()})`);

say("npm packages and the page");
void warmUp();
await ensurePackages();
await ensurePage();

const { ensureChromium } = await import("./chromium.mjs");
const { goDir, goSettings, lint } = await import("./lint.mjs");
const { commandTest, contractSuite, goSuite, playwrightSuite, vitestSuite } = await import("./suite.mjs");

const results = [];
const suite = async (title, run) => {
  say(title);
  const result = await run();
  results.push(...[result].flat());
};

await suite("container engine, kind and node image", () => commandTest("drydock prepare", "npx", ["drydock", "prepare"]));
await suite("types and lint", lint);
await suite("Go programs of the node image", () => goSuite(goDir, goSettings()));
await suite("unit, API and WebSocket tests", () => vitestSuite([]));
const chromium = await ensureChromium();
await suite("the page", () => playwrightSuite("web/playwright.config.ts", { DRYDOCK_CHROMIUM: chromium }));
await suite("sandboxes on real clusters", () => vitestSuite(["--config", "test/vitest.cluster.config.ts"]));
await suite("the page on a real sandbox", () => playwrightSuite("test/e2e/playwright.config.ts", { DRYDOCK_CHROMIUM: chromium }));
await suite("the contract of every scenario on real clusters", () => contractSuite([]));

const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log(`\nTook ${elapsed()}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
