import type { Text } from "../scenarios/schema.ts";
import { describeChange, findChanges } from "./kube/changes.ts";
import type { Kube } from "./kube/kube.ts";
import type { Deployment, Pod } from "./kube/types.ts";
import type { Runtime } from "./runtime.ts";

/** Whether Deployments are rolled out in truth, and not only in the words of their status. */
export interface Rollouts {
  /**
   * Why a Deployment is not rolled out, or undefined where it is: its controller has seen its
   * latest version and counts all replicas as updated and available; as many pods as asked for
   * match its selector, and each is made of the template, ready, and runs ({@link
   * Runtime.whyNotRunning}).
   */
  whyNotRolledOut(deployment: Deployment): Promise<Text | undefined>;
}

export function createRollouts(kube: Pick<Kube, "pods">, runtime: Pick<Runtime, "whyNotRunning">): Rollouts {
  return {
    async whyNotRolledOut(deployment) {
      const told = whyByStatus(deployment);
      if (told) return told;
      const { metadata, spec } = deployment;
      const found = await kube.pods({ namespace: metadata.namespace, labels: spec.selector.matchLabels });
      const pods = found.filter(isThere);
      const asked = spec.replicas ?? 1;
      if (pods.length !== asked) {
        const { name } = metadata;
        return {
          en: `${pods.length} pods of ${name} where ${asked} are asked for`,
          ko: `${name}의 파드가 ${pods.length}개(요청한 수는 ${asked}개)`,
        };
      }
      const unready = pods.find((pod) => !isReady(pod));
      if (unready) return { en: `${unready.metadata.name} is not ready`, ko: `${unready.metadata.name}이(가) 준비 상태가 아님` };
      const foreign = pods.map((pod) => whyNotOfTemplate(deployment, pod)).find((why) => why !== undefined);
      if (foreign) return foreign;
      return (await Promise.all(pods.map(runtime.whyNotRunning))).find((why) => why !== undefined);
    },
  };
}

function whyByStatus({ metadata, spec, status }: Deployment): Text | undefined {
  const asked = spec.replicas ?? 1;
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  if (observedGeneration < (metadata.generation ?? 0))
    return { en: "its controller has not seen its latest version", ko: "컨트롤러가 아직 최신 버전을 처리하지 않음" };
  if ([replicas, updatedReplicas, availableReplicas].every((count) => count === asked)) return undefined;
  return {
    en: `${asked} asked for; ${replicas} there, ${updatedReplicas} of the latest revision, ${availableReplicas} available`,
    ko: `요청한 레플리카 ${asked}개, 존재 ${replicas}개, 최신 리비전 ${updatedReplicas}개, 사용 가능 ${availableReplicas}개`,
  };
}

function isThere({ metadata, status }: Pod): boolean {
  return !metadata.deletionTimestamp && status.phase !== "Succeeded" && status.phase !== "Failed";
}

function isReady({ status }: Pod): boolean {
  return status.conditions?.some((one) => one.type === "Ready" && one.status === "True") ?? false;
}

function whyNotOfTemplate({ spec }: Deployment, pod: Pod): Text | undefined {
  const { "pod-template-hash": _hash, ...labels } = pod.metadata.labels ?? {};
  const made = { ...pod, kind: "Pod", metadata: { ...pod.metadata, labels } };
  const [change] = findChanges({ kind: "Pod", ...spec.template, metadata: { ...spec.template.metadata } }, made);
  if (!change) return undefined;
  const { name } = pod.metadata;
  const { en, ko } = describeChange(change);
  return {
    en: `${name} is another pod than the template asks for: ${en}`,
    ko: `${name}이(가) 템플릿이 요청한 파드와 다름: ${ko}`,
  };
}
