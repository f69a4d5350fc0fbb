import { DrydockError } from "../errors.ts";
import type { Question } from "../observer/index.ts";
import type { Sandbox } from "../sandbox/provider.ts";
import type { Scenario } from "../scenarios/schema.ts";
import { readBaseline } from "./baseline.ts";
import { runChecker } from "./checker.ts";
import { readClusterAccess } from "./kubeconfig.ts";
import type { CheckResult, Report } from "./outcome.ts";
import type { FromChild, Judgement } from "./protocol.ts";

export interface RunChecksOptions {
  /** Limit of one check that states none; default 30 000. */
  checkTimeoutMs?: number;
  /** Limit of all together; default: what the limits of the checks allow. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Told of each result as it is known. */
  onResult?: (result: CheckResult) => void;
}

/** What checks need of a sandbox. */
export type CheckedSandbox = Pick<Sandbox, "id" | "hosts" | "exec" | "observe" | "kubeconfigPath" | "baselinePath">;

/** Most bytes of one program's output that are handed to a check. */
const MAX_EXEC_BYTES = 4 * 1024 * 1024;

/**
 * Judges a scenario's state in a sandbox. Always gives a report with every check of the scenario in
 * its order: what could not be judged, because the checker hung, crashed or the cluster did not
 * answer, is an `error` in it.
 * @throws DrydockError `checks.aborted` when `signal` fired, `kubeconfig.invalid`
 */
export async function runChecks(scenario: Scenario, sandbox: CheckedSandbox, options: RunChecksOptions = {}): Promise<Report> {
  const startedAt = new Date();
  const results = new Map<string, CheckResult>();
  const settle = (id: string, judgement: Judgement, durationMs: number) => {
    const spec = scenario.checks.find((one) => one.id === id);
    if (!spec || results.has(id)) return;
    const result: CheckResult = { id, title: spec.title, points: spec.points, ...judgement, durationMs };
    results.set(id, result);
    options.onResult?.(result);
  };
  const onMessage = (message: FromChild) => {
    if (message.type === "judged") settle(message.id, message.judgement, message.durationMs);
  };
  const broken = await runChecker({
    checkPath: scenario.checkPath,
    message: {
      type: "run",
      access: await readClusterAccess(sandbox.kubeconfigPath),
      sandbox: { sandbox: sandbox.id, hosts: sandbox.hosts },
      baseline: await readBaseline(sandbox.baselinePath),
      defaultTimeoutMs: options.checkTimeoutMs ?? 30_000,
    },
    onMessage,
    exec: ({ host, argv, options: given }) =>
      sandbox.exec(host, argv, { ...given, maxOutputBytes: MAX_EXEC_BYTES, signal: options.signal }),
    observe: ({ host, question, timeoutMs }, stop) => sandbox.observe(host, question as Question, { timeoutMs, stop }),
    timeoutMs: options.timeoutMs,
    signal: options.signal,
  });
  if (options.signal?.aborted)
    throw new DrydockError("checks.aborted", "The check was stopped", { cause: options.signal.reason });
  const durationMs = Date.now() - startedAt.getTime();
  for (const { id } of scenario.checks) {
    settle(id, { outcome: "error", reason: broken ?? `check.ts does not define the check ${id}` }, durationMs);
  }
  return report(scenario, results, startedAt, durationMs);
}

/**
 * The checks that a checker module defines, without a cluster.
 * @throws DrydockError `checks.broken`
 */
export async function listChecks(checkPath: string): Promise<{ id: string; after: string[] }[]> {
  let found: { id: string; after: string[] }[] = [];
  const broken = await runChecker({
    checkPath,
    message: { type: "list" },
    onMessage: (message) => {
      if (message.type === "loaded") found = message.checks;
    },
    exec: () => Promise.reject(new Error("There is no sandbox here")),
    observe: () => Promise.reject(new Error("There is no sandbox here")),
  });
  if (broken !== undefined) throw new DrydockError("checks.broken", broken);
  return found;
}

function report(scenario: Scenario, results: ReadonlyMap<string, CheckResult>, startedAt: Date, durationMs: number): Report {
  const checks = scenario.checks.map(({ id }) => results.get(id)!);
  const has = (outcome: CheckResult["outcome"]) => checks.some((check) => check.outcome === outcome);
  return {
    scenario: scenario.slug,
    verdict: has("error") ? "error" : has("failed") ? "failed" : "passed",
    points: checks.reduce((sum, check) => sum + (check.outcome === "passed" ? check.points : 0), 0),
    maxPoints: scenario.points,
    checks,
    startedAt: startedAt.toISOString(),
    durationMs,
  };
}
