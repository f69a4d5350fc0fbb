// Runs programs as suites of tests and counts what passed and failed, from the runners' own
// reports.
import { AsyncLocalStorage } from "node:async_hooks";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectDir } from "../scripts/prepare.mjs";

const reportDir = mkdtempSync(join(tmpdir(), "drydock-test-"));
let reports = 0;
const newReport = () => join(reportDir, `${(reports += 1)}.json`);

const kept = new AsyncLocalStorage();

/** Prints at once; in work that {@link keepOutput} runs, when that has ended. */
export function print(text) {
  const parts = kept.getStore();
  if (parts) parts.push(text);
  else process.stdout.write(text);
}

/**
 * Runs work whose output is not to be mixed with that of other work beside it.
 * @returns what `work` gives, and a function that shows the output
 */
export async function keepOutput(work) {
  const parts = [];
  const result = await kept.run(parts, work);
  return { result, show: () => print(parts.join("")) };
}

/**
 * @returns {Promise<{ code: number, output: string }>} `output` is what it printed, shown at once
 * too unless `quiet`
 */
export function execute(file, args, { env = {}, quiet = false, cwd = projectDir } = {}) {
  return new Promise((done) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, FORCE_COLOR: "0", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
        if (!quiet) print(String(chunk));
      });
    }
    child.on("error", (error) => done({ code: 127, output: `${file}: ${error.message}` }));
    child.on("close", (code) => done({ code: code ?? 128, output }));
  });
}

/** A program that is one test: it passes by exiting with 0; its output is shown when it fails. */
export async function commandTest(title, file, args, options = {}) {
  const startedAt = Date.now();
  const { code, output } = await execute(file, args, { quiet: true, ...options });
  const took = `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  print(`${code === 0 ? "  ✓" : "  ✗"} ${title} (${took})\n`);
  if (code !== 0) print(`${output.trimEnd()}\n`);
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * A report that is missing or counts nothing is a failure: a suite that ran no test has not passed.
 */
function counted(code, passed, failed) {
  if (passed + failed === 0) return { passed: 0, failed: 1 };
  return { passed, failed: failed || (code === 0 ? 0 : 1) };
}

function readReport(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

export async function vitestSuite(args, env = {}) {
  const report = newReport();
  const { code } = await execute(
    "npx",
    ["vitest", "run", ...args, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    { env },
  );
  const found = readReport(report);
  // A file that could not be loaded has no tests to count: its suite is what failed.
  const broken = (found?.testResults ?? []).filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  ).length;
  return counted(code, found?.numPassedTests ?? 0, (found?.numFailedTests ?? 0) + broken);
}

export async function playwrightSuite(config, env = {}) {
  const report = newReport();
  const { code } = await execute("npx", ["playwright", "test", "--config", config, "--reporter=list,json"], {
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: report, ...env },
  });
  const found = readReport(report);
  for (const { title, path } of failedPages(found?.suites ?? []))
    print(`\nThe page when “${title}” failed:\n${readFileSync(path, "utf8")}\n`);
  const stats = found?.stats;
  return counted(code, stats?.expected ?? 0, (stats?.unexpected ?? 0) + (stats?.flaky ?? 0));
}

/**
 * What Playwright wrote down of the page when a test failed: on a machine that is thrown away, the
 * output is all that is left of it.
 */
function failedPages(suites) {
  return suites.flatMap(({ specs = [], suites: inner = [] }) => [
    ...failedPages(inner),
    ...specs.flatMap(({ title, tests }) =>
      tests
        .flatMap(({ results }) => results.flatMap(({ attachments = [] }) => attachments))
        .filter(({ name, path }) => name === "error-context" && path !== undefined && existsSync(path))
        .map(({ path }) => ({ title, path })),
    ),
  ]);
}

/**
 * @param {{ flags: string[], env: Record<string, string> }} settings of the compiler; vet is a test
 * of its own
 */
export async function goSuite(dir, { flags, env }) {
  const { code, output } = await execute("go", ["test", "-json", "-vet=off", ...flags, "./cmd/...", "./internal/..."], {
    cwd: dir,
    env,
    quiet: true,
  });
  let passed = 0;
  let failed = 0;
  const said = new Map();
  for (const line of output.split("\n")) {
    if (!line.startsWith("{")) {
      if (line.trim()) print(`${line}\n`);
      continue;
    }
    const event = JSON.parse(line);
    const key = `${event.Package} ${event.Test ?? ""}`;
    if (event.Output) said.set(key, (said.get(key) ?? "") + event.Output);
    if (event.Action === "fail") print(`  ✗ ${key}\n${said.get(key) ?? ""}\n`);
    if (event.Test && event.Action === "pass") passed += 1;
    if (event.Test && event.Action === "fail") failed += 1;
  }
  print(`  ${passed} passed, ${failed} failed in Go\n`);
  return counted(code, passed, failed);
}

/** The scenarios' contract on real clusters; its report has one row per leg. */
export async function contractSuite(slugs, env = {}) {
  const report = newReport();
  const { code } = await execute("npx", ["drydock", "test", ...slugs, "--json", report], { env });
  const legs = readReport(report)?.scenarios?.flatMap((scenario) => scenario.legs) ?? [];
  return counted(code, legs.filter((leg) => leg.ok).length, legs.filter((leg) => !leg.ok).length);
}
