// `npm run lint`: types and lint of every language in the tree. Each tool is one test.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "../scripts/prepare.mjs";
import { commandTest } from "./suite.mjs";
import { ensureProgram } from "./tools.mjs";

export const goDir = join(projectDir, "labs/src/image/go");

/**
 * The node image's own flags and environment, so that vet and the tests find what the image build
 * has compiled instead of compiling Kubernetes again.
 */
export function goSettings() {
  const { flags, env } = JSON.parse(readFileSync(join(goDir, "programs.json"), "utf8"));
  return { flags, env };
}

/**
 * All shell scripts of the tree, by whether their first line names the shell; those of a scenario
 * that does not are run by bash.
 */
function shellScripts() {
  const files = ["labs/src", "scenarios", ".ci"].flatMap((dir) =>
    readdirSync(join(projectDir, dir), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const named = files.filter((path) => /^#!.*\b(ba)?sh\b/.test(readFileSync(path, "utf8").slice(0, 80)));
  return { named, unnamed: files.filter((path) => path.endsWith(".sh") && !named.includes(path)) };
}

/** @returns {Promise<Array<{ passed: number, failed: number }>>} */
export async function lint() {
  await ensureProgram("shellcheck");
  const scripts = shellScripts();
  const go = goSettings();
  return [
    await commandTest("types (TypeScript)", "npx", ["tsc", "--noEmit"]),
    await commandTest("types (Svelte)", "npm", ["-w", "web", "run", "--silent", "check"]),
    await commandTest("eslint", "npx", ["eslint", ".", "--max-warnings=0"]),
    await commandTest("prettier", "npx", ["prettier", "--check", "--log-level=warn", "."]),
    await commandTest("shellcheck", "shellcheck", ["--severity=warning", ...scripts.named]),
    await commandTest("shellcheck of what bash runs", "shellcheck", ["--severity=warning", "--shell=bash", ...scripts.unnamed]),
    await commandTest("gofmt", "bash", ["-c", 'test -z "$(gofmt -l cmd internal | tee /dev/stderr)"'], { cwd: goDir }),
    await commandTest("go vet", "go", ["vet", ...go.flags, "./cmd/...", "./internal/..."], { cwd: goDir, env: go.env }),
    await commandTest("scenarios (drydock lint)", "npx", ["drydock", "lint"]),
  ];
}

if (import.meta.filename === process.argv[1]) {
  const results = await lint();
  process.exitCode = results.some((result) => result.failed > 0) ? 1 : 0;
}
