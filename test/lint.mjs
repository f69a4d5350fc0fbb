// `npm run lint`: types and lint of every language in the tree. Each tool is one test.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "../scripts/prepare.mjs";
import { commandTest, execute } from "./suite.mjs";

export const goDir = join(projectDir, "labs/src/image/go");

function shellScripts() {
  return ["labs/src", "scenarios", ".ci", "test"].flatMap((dir) =>
    readdirSync(join(projectDir, dir), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && (entry.name.endsWith(".sh") || join(entry.parentPath, entry.name).endsWith(".ci/run")))
      .filter((entry) => !entry.parentPath.includes("node_modules") && !entry.parentPath.includes("fixtures"))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
}

async function ensureShellcheck() {
  const { code } = await execute("shellcheck", ["--version"], { quiet: true });
  if (code === 0) return;
  if (process.getuid?.() === 0) {
    await execute("apt-get", ["update", "-q"], { quiet: true });
    await execute("apt-get", ["install", "-yq", "--no-install-recommends", "shellcheck"], { quiet: true });
  }
}

/** @returns {Promise<Array<{ passed: number, failed: number }>>} */
export async function lint() {
  await ensureShellcheck();
  return [
    await commandTest("types (TypeScript)", "npx", ["tsc", "--noEmit"]),
    await commandTest("types (Svelte)", "npm", ["-w", "web", "run", "--silent", "check"]),
    await commandTest("eslint", "npx", ["eslint", ".", "--max-warnings=0"]),
    await commandTest("prettier", "npx", ["prettier", "--check", "--log-level=warn", "."]),
    await commandTest("shellcheck", "shellcheck", ["--severity=warning", ...shellScripts()]),
    await commandTest("gofmt", "bash", ["-c", 'test -z "$(gofmt -l cmd internal | tee /dev/stderr)"'], { cwd: goDir }),
    await commandTest("go vet", "go", ["vet", "./cmd/...", "./internal/..."], { cwd: goDir }),
    await commandTest("scenarios (drydock lint)", "npx", ["drydock", "lint"]),
  ];
}

if (import.meta.filename === process.argv[1]) {
  const results = await lint();
  process.exitCode = results.some((result) => result.failed > 0) ? 1 : 0;
}
