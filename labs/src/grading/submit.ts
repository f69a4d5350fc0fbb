import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { DrydockError } from "../errors.ts";
import type { RunResult } from "../process.ts";
import type { Scenario } from "../scenarios/schema.ts";
import { runScript, type ExecSandbox } from "./script.ts";

/** What somebody hands in: a shell script, or manifests to apply one after another. */
export type Submission = { kind: "script"; script: string } | { kind: "manifests"; files: { name: string; content: string }[] };

const MANIFEST = /\.(ya?ml|json)$/;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads a submission: a file is a shell script, unless it is named as YAML or JSON; a folder holds manifests, applied in name order.
 * @throws DrydockError `submission.missing`, `submission.empty`, `submission.too-large`
 */
export async function readSubmission(path: string): Promise<Submission> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new DrydockError("submission.missing", `There is no submission at ${path}`, { cause });
  });
  if (!found.isDirectory()) {
    if (found.size > MAX_BYTES) throw new DrydockError("submission.too-large", `${path} is larger than ${MAX_BYTES} bytes`);
    const content = await readFile(path, "utf8");
    return MANIFEST.test(path) ? { kind: "manifests", files: [{ name: path, content }] } : { kind: "script", script: content };
  }
  const names = (await readdir(path)).filter((name) => MANIFEST.test(name)).sort();
  if (names.length === 0) throw new DrydockError("submission.empty", `${path} holds no .yaml, .yml or .json file`);
  const files = await Promise.all(names.map(async (name) => ({ name, content: await readFile(join(path, name), "utf8") })));
  if (files.reduce((sum, file) => sum + file.content.length, 0) > MAX_BYTES) {
    throw new DrydockError("submission.too-large", `The manifests in ${path} are larger than ${MAX_BYTES} bytes together`);
  }
  return { kind: "manifests", files };
}

export interface SubmitOptions {
  timeoutMs: number;
  signal?: AbortSignal;
}

/**
 * Does in the sandbox what was handed in: the script as the learner on the task's host, with everything that a learner's shell has; or each manifest by kubectl there.
 * What fails in it is no error of ours: the checks judge the state afterwards. Answers what it printed and whether it was in time.
 */
export async function submit(
  scenario: Scenario,
  sandbox: ExecSandbox,
  submission: Submission,
  options: SubmitOptions,
): Promise<RunResult> {
  if (submission.kind === "script")
    return runScript(sandbox, scenario.host, submission.script, { as: "learner", strict: false, ...options });
  const deadline = performance.now() + options.timeoutMs;
  const said: RunResult = { exitCode: 0, stdout: "", stderr: "", timedOut: false, durationMs: 0 };
  for (const { name, content } of submission.files) {
    const leftMs = Math.ceil(deadline - performance.now());
    if (leftMs <= 0) return { ...said, exitCode: 124, timedOut: true };
    const argv = ["/usr/bin/timeout", String(leftMs / 1000), "/bin/bash", "-lc", "exec kubectl apply -f -"];
    const result = await sandbox.exec(scenario.host, argv, { input: content, timeoutMs: leftMs + 5000, signal: options.signal });
    said.stdout += result.stdout;
    said.stderr += result.exitCode === 0 ? result.stderr : `${name}: ${result.stderr}`;
    said.exitCode ||= result.exitCode;
    said.timedOut ||= result.timedOut || result.exitCode === 124;
    said.durationMs += result.durationMs;
  }
  return said;
}
