import type { Report } from "../../labs/src/checks/outcome.ts";
import type { Progress } from "../../labs/src/progress.ts";
import type { Sandbox, SandboxProvider } from "../../labs/src/sandbox/provider.ts";
import type { Scenario } from "../../labs/src/scenarios/schema.ts";

/**
 * What the server needs of the lab kit. The tests have a fake one; the real one is in
 * `open-lab.ts`.
 */
export interface Lab {
  /**
   * Sandboxes that are there can be used at once; new ones are made quickly only after `prepare`.
   */
  readonly provider: SandboxProvider;
  /** Brings what making sandboxes needs (kind, the node image); takes minutes the first time. */
  prepare(): Promise<void>;
  /**
   * Adds what the first sandbox can do without. To be called when nothing waits for the machine.
   */
  addExtras(): Promise<void>;
  /** The version of Kubernetes in the sandboxes: `v1.36.3`. */
  readonly kubernetes: string | undefined;
  /** Prepares a fresh sandbox for a scenario. @throws SetUpFailed when a script fails */
  setUp(sandbox: Sandbox, scenario: Scenario, options: { signal: AbortSignal }): Promise<void>;
  /**
   * Judges the sandbox's present state, in a process of its own.
   * @throws DrydockError when not even an `error` report can be had
   */
  grade(sandbox: Sandbox, scenario: Scenario, options: { signal: AbortSignal }): Promise<Report>;
}

/**
 * Finds (or installs) a container engine and opens the lab kit on it; shown as phases, as is all
 * that the lab does later. May be called again after it failed.
 */
export type OpenLab = (progress: Progress, signal: AbortSignal) => Promise<Lab>;
