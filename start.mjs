// `npm start`: brings what is missing, then serves the page. Everything that takes minutes (engine,
// kind, node image) is prepared by the server itself, after the page is up.
import { ensurePackages, ensurePage, requireNode, warmUp } from "./scripts/prepare.mjs";

requireNode();

/** Says what is being done and how long it took; silent when there was nothing to do. */
async function step(title, work) {
  const startedAt = Date.now();
  const slow = setTimeout(() => console.log(`${title} …`), 300);
  try {
    const did = await work();
    if (did) console.log(`${title}: done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  } catch (error) {
    console.error(`${title} failed: ${error.message}`);
    process.exit(1);
  } finally {
    clearTimeout(slow);
  }
}

void warmUp();
await step("Installing the npm packages", ensurePackages);
await step("Building the page", ensurePage);

const { register } = await import("tsx/esm/api");
register();
await import("./server/src/main.ts");
