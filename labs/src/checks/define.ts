import type { Baseline } from "./baseline-record.ts";
import type { Eventually } from "./eventually.ts";
import type { Host } from "./host.ts";
import type { Kube } from "./kube/kube.ts";
import type { Net } from "./net.ts";
import type { Rollouts } from "./rollout.ts";
import type { Runtime } from "./runtime.ts";
import type { Verdict } from "./verdict.ts";

/** What a checker module is given. */
export interface CheckContext {
  /** The cluster's API, with the grader's own credentials and client. */
  kube: Kube;
  /** A host of the sandbox, by name: programs, files, systemd units. */
  host(name: string): Host;
  /** Requests and connections inside the sandbox. */
  net: Net;
  /** What really runs on the hosts, whatever the API says. */
  runtime: Runtime;
  /** Whether Deployments are rolled out, by their pods and what runs of them. */
  rollouts: Rollouts;
  /** How things were after set-up, as scenario.yaml asks to note them down. */
  baseline: Baseline;
  /** Asks again while the cluster is still converging. */
  eventually: Eventually;
}

export interface CheckOptions {
  /**
   * Checks that must have passed first. Where one has not, this check fails without being run and
   * says which one is missing. It is how a check of something that already holds after set-up ("the
   * Deployment is still fully available") is made to earn its points: it can't pass before the work
   * is done. A near miss names it too.
   */
  after?: readonly string[];
  /**
   * Runs when all others are done, by itself: for a check that changes something, such as a rollout
   * of its own. Others run side by side.
   */
  alone?: boolean;
  /** Time limit; default 30 000. Beyond it the check could not be judged. */
  timeoutMs?: number;
}

export interface Check extends CheckOptions {
  id: string;
  judge: () => Verdict | Promise<Verdict>;
}

/** What a checker module exports by default: takes the context, returns the checks. */
export type Checks = (context: CheckContext) => Check[];

/**
 * One check. `id` is that of scenario.yaml, where its title and points are. The function answers a
 * verdict; what it throws means that the state could not be judged (an `error`, which is never a
 * failure).
 */
export function check(id: string, judge: Check["judge"]): Check;
export function check(id: string, options: CheckOptions, judge: Check["judge"]): Check;
export function check(id: string, optionsOrJudge: CheckOptions | Check["judge"], judge?: Check["judge"]): Check {
  if (typeof optionsOrJudge === "function") return { id, judge: optionsOrJudge };
  return { ...optionsOrJudge, id, judge: judge! };
}

/**
 * Defines a checker module: `export default checks(({ kube }) => [check("cordoned", async () =>
 * …)])`.
 */
export function checks(define: Checks): Checks {
  return define;
}
