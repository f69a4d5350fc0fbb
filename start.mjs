// `npm start`: brings what is missing, then serves the page. Everything that takes minutes (engine, kind, node image) is
// prepared by the server itself, after the page is up.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensurePackages, ensurePage, projectDir, requireNode } from "./scripts/prepare.mjs";

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

// The compiler can fill its cache beside npm, which leaves a core idle; the node image's own build then finds the packages compiled.
const fresh = !existsSync(join(projectDir, "node_modules/.drydock-installed"));
const warming = fresh ? (await import("./labs/src/image/warm.mjs")).warm() : undefined;
await step("Installing the npm packages", ensurePackages);
await step("Building the page", ensurePage);
warming?.stop();

const { register } = await import("tsx/esm/api");
register();
await import("./server/src/main.ts");
