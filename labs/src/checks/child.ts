import { DrydockError } from "../errors.ts";
import type { AskHost } from "../observer/index.ts";
import { createBaseline, type BaselineRecord } from "./baseline-record.ts";
import type { Check, CheckContext, Checks } from "./define.ts";
import { createEventually } from "./eventually.ts";
import { createHost, type ExecOnHost } from "./host.ts";
import { findOrderProblem, judgeAll, longestMs } from "./judge.ts";
import { createKube } from "./kube/kube.ts";
import type { ClusterAccess } from "./kube/transport.ts";
import { createNet } from "./net.ts";
import { createRollouts } from "./rollout.ts";
import { createRuntime } from "./runtime.ts";
import type { FromChild, ToChild } from "./protocol.ts";

/**
 * The process that one checker module runs in, started by checker.ts. Everything outside the
 * cluster's API goes through messages to the runner.
 */

type LoadModule = () => Promise<{ default?: unknown }>;

// Printing waits for the runner to read: who prints without end is stopped there, instead of
// filling the memory here.
for (const stream of [process.stdout, process.stderr]) {
  (stream as { _handle?: { setBlocking?: (blocking: boolean) => void } })._handle?.setBlocking?.(true);
}

const send = (message: FromChild) => new Promise<void>((resolve) => process.send!(message, () => resolve()));

const calls = new Map<number, (message: Extract<ToChild, { type: "answered" }>) => void>();
let lastCall = 0;
/** Asks the runner; what it answers is of the type that the message asks for. */
const callRunner = <T>(message: (call: number) => FromChild, stop?: AbortSignal) =>
  new Promise<T>((resolve, reject) => {
    const call = ++lastCall;
    calls.set(call, ({ result, error }) => (error ? reject(new DrydockError(error.code, error.message)) : resolve(result as T)));
    void send(message(call));
    stop?.addEventListener("abort", () => void send({ type: "stop", call }));
  });
const execOnHost: ExecOnHost = (host, argv, options = {}) => callRunner((call) => ({ type: "exec", call, host, argv, options }));
const askHost: AskHost = (host, question, { timeoutMs, stop } = {}) =>
  callRunner((call) => ({ type: "observe", call, host, question, timeoutMs }), stop);

async function load(
  loadModule: LoadModule,
  access: ClusterAccess,
  sandbox: { sandbox: string; hosts: readonly string[] },
  baseline: BaselineRecord | undefined,
  defaultTimeoutMs: number,
): Promise<{ checks: Check[]; close: () => void }> {
  const module = await loadModule();
  if (typeof module.default !== "function") throw new Error("check.ts exports no checks: begin with `export default checks(…)`");
  const { kube, close } = createKube(access);
  const host = (name: string) => createHost(name, askHost, execOnHost);
  const runtime = createRuntime(kube, askHost, sandbox.hosts);
  const context: CheckContext = {
    kube,
    host,
    net: createNet(kube, askHost, sandbox),
    runtime,
    rollouts: createRollouts(kube, runtime),
    baseline: createBaseline(baseline),
    eventually: createEventually(() => kube.inTransition()),
  };
  const checks = (module.default as Checks)(context);
  if (!Array.isArray(checks)) throw new Error("check.ts must return an array of checks");
  const problem = findOrderProblem(checks);
  if (problem) throw new Error(problem);
  const listed = checks.map((check) => ({ id: check.id, after: [...(check.after ?? [])] }));
  await send({ type: "loaded", checks: listed, withinMs: longestMs(checks, defaultTimeoutMs) });
  return { checks, close };
}

async function run(loadModule: LoadModule, message: Extract<ToChild, { type: "run" }>): Promise<void> {
  const { checks, close } = await load(loadModule, message.access, message.sandbox, message.baseline, message.defaultTimeoutMs);
  await judgeAll(
    checks,
    message.defaultTimeoutMs,
    (id, judgement, durationMs) => void send({ type: "judged", id, judgement, durationMs }),
  );
  close();
}

/** Where checks only are listed nothing is asked of a cluster, so any address will do. */
const NO_CLUSTER: ClusterAccess = { server: "https://127.0.0.1:1", ca: "" };

/** Does what the runner's first message asks for with the checker module, and ends the process. */
export function serve(loadModule: LoadModule): void {
  process.on("message", (message: ToChild) => {
    if (message.type === "answered") {
      calls.get(message.call)?.(message);
      calls.delete(message.call);
      return;
    }
    const work =
      message.type === "run" ? run(loadModule, message) : load(loadModule, NO_CLUSTER, { sandbox: "", hosts: [] }, undefined, 0);
    work
      .then(() => send({ type: "done" }))
      .catch((error: unknown) => send({ type: "broken", reason: error instanceof Error ? error.message : String(error) }))
      .finally(() => process.exit());
  });
}
