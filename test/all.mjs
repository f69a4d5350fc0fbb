// `npm test`: everything, from a fresh clone on. Ends with one line, `N passed, N failed`.
import { ensurePackages, ensurePage, requireNode, warmUp } from "../scripts/prepare.mjs";

requireNode();
const startedAt = Date.now();
const elapsed = () =>
  `${Math.floor((Date.now() - startedAt) / 60_000)} min ${Math.round(((Date.now() - startedAt) / 1000) % 60)} s`;
console.log("── npm packages and the page");
void warmUp();
await ensurePackages();
await ensurePage();

const { ensureChromium } = await import("./chromium.mjs");
const { goDir, goSettings, lint } = await import("./lint.mjs");
const { ensureProgram } = await import("./tools.mjs");
const { commandTest, contractSuite, goSuite, keepOutput, playwrightSuite, print, vitestSuite } = await import("./suite.mjs");

/**
 * Suites one after another.
 * @param {[title: string, run: () => Promise<object>][]} suites
 * @returns what each counted
 */
async function inTurn(suites) {
  const counts = [];
  for (const [title, run] of suites) {
    print(`\n── ${title} (after ${elapsed()})\n`);
    counts.push(...[await run()].flat());
  }
  return counts;
}

const results = await inTurn([
  ["container engine, kind and node image", () => commandTest("drydock prepare", "npx", ["drydock", "prepare"])],
]);
const browser = { DRYDOCK_CHROMIUM: await ensureChromium() };
// Clusters wait a good part of their time, for pods and for timeouts: what needs mostly the
// processor runs beside them.
const beside = keepOutput(() =>
  inTurn([
    ["types and lint", lint],
    [
      "Go programs of the node image",
      async () => {
        // Rules of the network are tried in namespaces of the tests' own.
        await ensureProgram("nft", { packages: ["nftables"] });
        return goSuite(goDir, goSettings());
      },
    ],
    ["unit, API and WebSocket tests", () => vitestSuite([])],
    ["the page", () => playwrightSuite("web/playwright.config.ts", browser)],
    ["the page on a real sandbox", () => playwrightSuite("test/e2e/playwright.config.ts", browser)],
  ]),
);
results.push(
  ...(await inTurn([
    // What a registry's node image needs, which few machines can reach, is `npm run test:images`.
    [
      "sandboxes on real clusters",
      () => vitestSuite(["--config", "test/vitest.cluster.config.ts", "--exclude", "labs/src/image/**"]),
    ],
    ["the contract of every scenario on real clusters", () => contractSuite([])],
  ])),
);
const { result, show } = await beside;
show();
results.push(...result);

const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log(`\nTook ${elapsed()}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
