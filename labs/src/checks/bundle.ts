import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type BuildFailure, type BuildOptions, stop } from "esbuild";
import { DrydockError } from "../errors.ts";

const CHILD = fileURLToPath(import.meta.resolve("./child.ts"));
const SDK = fileURLToPath(import.meta.resolve("./index.ts"));

/**
 * Bundlings run one after another, as each takes 10 ms: none stops esbuild under another one.
 */
let lastBundling: Promise<unknown> = Promise.resolve();

/**
 * The program of a checker's process as one JavaScript text: child.ts, the checker module, the SDK
 * and the module's other imports. Node starts it in a third of the time that a loader for
 * TypeScript takes, and a scenario may lie anywhere: no package.json or node_modules has to lead to
 * the SDK. The module is run when child.ts asks for it, not before.
 * @throws DrydockError `checks.broken` with file, line and reason when it does not parse or imports
 * what is not there
 */
export async function bundleChecker(checkPath: string): Promise<string> {
  const bundling = lastBundling.then(() => bundle(optionsFor(checkPath)));
  lastBundling = bundling.catch(() => undefined);
  return bundling;
}

async function bundle(options: BuildOptions & { write: false }): Promise<string> {
  const once = async () => (await build(options)).outputFiles[0]!.text;
  try {
    return await once().catch(async (error: unknown) => {
      if (asBuildFailure(error)) throw error;
      // esbuild's process was killed: it begins another only when it is told to forget the first.
      await stop();
      return once();
    });
  } catch (error) {
    const [first] = asBuildFailure(error)?.errors ?? [];
    if (!first) throw error;
    const where = first.location ? `${first.location.file}:${first.location.line}: ` : "";
    throw new DrydockError("checks.broken", where + first.text, { cause: error });
  }
}

/** What esbuild throws when it found something wrong in the text. */
function asBuildFailure(error: unknown): BuildFailure | undefined {
  return Array.isArray((error as Partial<BuildFailure>).errors) ? (error as BuildFailure) : undefined;
}

function optionsFor(checkPath: string) {
  const url = pathToFileURL(checkPath).href;
  return {
    stdin: {
      contents: `import { serve } from ${JSON.stringify(CHILD)}; serve(() => import(${JSON.stringify(checkPath)}));`,
      resolveDir: dirname(CHILD),
    },
    // Files are named as seen from the scenario.
    absWorkingDir: dirname(checkPath),
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node20",
    alias: { "@drydock/labs/checks": SDK },
    // Whatever tsconfig.json lies around a scenario says nothing about how it is judged.
    tsconfigRaw: {},
    define: { "import.meta.url": JSON.stringify(url), "import.meta.dirname": JSON.stringify(dirname(checkPath)) },
    // A package in CommonJS that the module imports may ask for Node's own modules.
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(${JSON.stringify(url)});` },
    sourcemap: "inline",
    sourcesContent: false,
    logLevel: "silent",
  } satisfies BuildOptions;
}
