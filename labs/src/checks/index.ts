/**
 * The checker SDK, imported by a scenario's check.ts as `@drydock/labs/checks`:
 *
 *     import { check, checks, expect } from "@drydock/labs/checks";
 *
 *     export default checks(({ kube, eventually }) => [
 *       check("cordoned", async () => {
 *         const node = await kube.node("node01");
 *         return expect(node?.spec.unschedulable).toBe(true, { en: "node01 is cordoned", ko: "node01이 cordon 상태" });
 *       }),
 *     ]);
 *
 * It knows nothing of engines, files of the project or the network outside the sandbox, and imports
 * little: it is loaded for every check.
 */
export type { Baseline } from "./baseline-record.ts";
export { check, checks, type Check, type CheckContext, type CheckOptions, type Checks } from "./define.ts";
export { sameCommand } from "./commands.ts";
export type { Eventually, EventuallyOptions } from "./eventually.ts";
export type { EtcdSnapshot, FileDigest, FileStat, Host, HostExecOptions, HostProcess, OpenFile, UnitState } from "./host.ts";
export { parseImage, sameImage, type ImageReference } from "./images.ts";
export type { Kube } from "./kube/kube.ts";
export type * from "./kube/types.ts";
export { KubeError, KubeUnreachable } from "./kube/transport.ts";
export type { HttpAnswer, Net, PodAnswer, PollFailure, PollOptions, PollResult, Target, Traffic } from "./net.ts";
export type { Rollouts } from "./rollout.ts";
export type { RunningContainer, Runtime } from "./runtime.ts";
export {
  all,
  expect,
  failed,
  passed,
  StateFailure,
  type Expectation,
  type Found,
  type TextLike,
  type Verdict,
} from "./verdict.ts";
