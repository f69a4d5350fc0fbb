import type { Text } from "../scenarios/schema.ts";
import type { BaselineRecord } from "./baseline-record.ts";
import type { HostExecOptions } from "./host.ts";
import type { ClusterAccess } from "./kube/transport.ts";

/** The messages between the runner and the child process that a checker module runs in. */

/** Runner → child. `list` only asks which checks there are. */
export type ToChild =
  | {
      type: "run";
      access: ClusterAccess;
      sandbox: { sandbox: string; hosts: readonly string[] };
      baseline: BaselineRecord | undefined;
      defaultTimeoutMs: number;
    }
  | { type: "list" }
  | { type: "answered"; call: number; result?: unknown; error?: { code: string; message: string } };

/**
 * Child → runner. `withinMs`: the longest that all checks can take together, each within its limit.
 * Each call is answered once; `stop` ends one that goes on until it is told to.
 */
export type FromChild =
  | { type: "loaded"; checks: { id: string; after: string[] }[]; withinMs: number }
  | { type: "judged"; id: string; judgement: Judgement; durationMs: number }
  | { type: "exec"; call: number; host: string; argv: readonly string[]; options: HostExecOptions }
  | { type: "observe"; call: number; host: string; question: object; timeoutMs?: number }
  | { type: "stop"; call: number }
  | { type: "broken"; reason: string }
  | { type: "done" };

export type Judgement =
  { outcome: "passed" } | { outcome: "failed"; expected: Text; found: Text } | { outcome: "error"; reason: string };
