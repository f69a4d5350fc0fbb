import { all, check, checks, expect, failed, passed, type DaemonSet, type Node, type Pod } from "@drydock/labs/checks";

const NAMESPACE = "harbor";
const REPLICAS = { quay: 3, cache: 1 };

export default checks(({ kube, runtime, rollouts, eventually }) => {
  const podsOnNode01 = () => kube.pods({ node: "node01" });

  /**
   * What is left on node01: pods in the API, and pods that the API server knows nothing of while
   * their containers run.
   */
  const leftOnNode01 = async () => {
    const [pods, daemonSets, containers] = await Promise.all([
      podsOnNode01(),
      kube.list("apps/v1", "DaemonSet") as Promise<unknown> as Promise<DaemonSet[]>,
      runtime.containers("node01"),
    ]);
    const ofDaemonSets = pods.filter((pod) => daemonSets.some((daemonSet) => isPodOf(daemonSet, pod)));
    const known = new Set(ofDaemonSets.map(({ metadata }) => metadata.uid));
    const left = pods.filter(({ metadata }) => !known.has(metadata.uid));
    const inApi = new Set(left.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
    const unknown = containers
      .filter(({ pod }) => pod !== "" && !known.has(pod))
      .map(({ namespace, podName }) => `${namespace}/${podName}`)
      .filter((name) => !inApi.has(name));
    return { left, unknown: [...new Set(unknown)] };
  };

  const isFullyAvailableElsewhere = async (name: keyof typeof REPLICAS) => {
    const replicas = REPLICAS[name];
    const expected = {
      en: `Deployment ${name} has ${replicas} available replica${replicas > 1 ? "s" : ""}, none of them on node01`,
      ko: `디플로이먼트 ${name}의 레플리카 ${replicas}개가 모두 node01이 아닌 노드에서 사용 가능한 상태`,
    };
    const [deployment, pods] = await Promise.all([
      kube.deployment(name, NAMESPACE),
      kube.pods({ namespace: NAMESPACE, labels: { app: name } }),
    ]);
    if (!deployment)
      return failed(expected, {
        en: `there is no Deployment ${name} in ${NAMESPACE}`,
        ko: `${NAMESPACE}에 디플로이먼트 ${name}이(가) 없음`,
      });
    const onNode01 = pods.filter((pod) => pod.spec.nodeName === "node01").length;
    const why = await rollouts.whyNotRolledOut(deployment);
    if (!why && onNode01 === 0 && deployment.spec.replicas === replicas) return passed();
    if (why && onNode01 === 0) return failed(expected, why);
    return failed(expected, {
      en: `${deployment.spec.replicas} asked for, ${onNode01} of its pods on node01`,
      ko: `요청한 레플리카 ${deployment.spec.replicas}개, node01에 있는 파드 ${onNode01}개`,
    });
  };

  return [
    check("unschedulable", async () => {
      const expected = { en: "node01 is cordoned (SchedulingDisabled)", ko: "node01이 cordon됨(SchedulingDisabled)" };
      const node = await kube.node("node01");
      if (!node) return failed(expected, { en: "the cluster has no node01 any more", ko: "클러스터에 node01이 더 이상 없음" });
      const taint = node.spec.taints?.find(
        ({ effect, key }) => effect !== "PreferNoSchedule" && !key.startsWith("node.kubernetes.io/"),
      );
      return expect(node.spec.unschedulable ?? false).toBe(
        true,
        expected,
        taint
          ? {
              en: `node01 has the taint ${taint.key}:${taint.effect}, but is not cordoned`,
              ko: `node01에 테인트 ${taint.key}:${taint.effect}이(가) 있지만 cordon되지 않음`,
            }
          : { en: "node01 is not marked unschedulable", ko: "node01이 스케줄 불가로 표시되지 않음" },
      );
    }),

    check("emptied", { timeoutMs: 60_000 }, () =>
      eventually(
        async () => {
          const expected = {
            en: "no pods on node01 except those of DaemonSets",
            ko: "node01에 데몬셋의 파드 외에는 파드가 없음",
          };
          const { left, unknown } = await leftOnNode01();
          return all(
            expect(left.map(describePod)).toBeEmpty(expected, (names) => ({
              en: `still there: ${names.join(", ")}`,
              ko: `남아 있는 파드: ${names.join(", ")}`,
            })),
            expect(unknown).toBeEmpty(expected, {
              en: `still running there, though the API server does not know them: ${unknown.join(", ")}`,
              ko: `API 서버는 모르지만 아직 실행 중인 파드: ${unknown.join(", ")}`,
            }),
          );
        },
        { withinMs: 40_000 },
      ),
    ),

    check("available", { timeoutMs: 60_000 }, () =>
      eventually(() => all(isFullyAvailableElsewhere("quay"), isFullyAvailableElsewhere("cache")), { withinMs: 40_000 }),
    ),

    check("daemonset", () =>
      eventually(async () => {
        const expected = {
          en: "node01 is Ready and runs a pod of DaemonSet log-agent, as every node does",
          ko: "node01이 Ready 상태이고, 다른 노드와 마찬가지로 데몬셋 log-agent의 파드를 실행함",
        };
        const [nodes, daemonSet, pods] = await Promise.all([
          kube.nodes(),
          kube.daemonSet("log-agent", NAMESPACE),
          kube.pods({ namespace: NAMESPACE }),
        ]);
        if (!daemonSet)
          return failed(expected, { en: "there is no DaemonSet log-agent in harbor", ko: "harbor에 데몬셋 log-agent가 없음" });
        const node01 = nodes.find(({ metadata }) => metadata.name === "node01");
        if (!node01 || !has("Ready", node01))
          return failed(expected, { en: "node01 is not Ready", ko: "node01이 Ready 상태가 아님" });
        const agents = await runtime.running(
          pods.filter((pod) => has("Ready", pod) && !pod.metadata.deletionTimestamp && isPodOf(daemonSet, pod)),
        );
        const isOnNode = (node: string) => agents.some((pod) => pod.spec.nodeName === node);
        const without = nodes.map(({ metadata }) => metadata.name).filter((name) => !isOnNode(name));
        return expect(without).toBeEmpty(expected, {
          en: `no pod of log-agent runs on ${without.join(", ")}`,
          ko: `다음 노드에서 log-agent의 파드가 실행되고 있지 않음: ${without.join(", ")}`,
        });
      }),
    ),

    check("budget", async () => {
      const expected = {
        en: "PodDisruptionBudget quay asks for at least 2 available pods of quay",
        ko: "PodDisruptionBudget quay가 quay의 파드를 최소 2개 사용 가능하도록 요구함",
      };
      const budget = await kube.get("policy/v1", "PodDisruptionBudget", "quay", NAMESPACE);
      if (!budget) return failed(expected, { en: "it does not exist", ko: "존재하지 않음" });
      return all(
        expect(budget.spec?.minAvailable).toBe(2, expected, {
          en: "its minAvailable has been changed",
          ko: "minAvailable이 변경됨",
        }),
        expect(budget.spec?.selector?.matchLabels).toEqual({ app: "quay" }, expected, {
          en: "its selector has been changed",
          ko: "셀렉터가 변경됨",
        }),
      );
    }),
  ];
});

function describePod({ metadata, status }: Pod): string {
  const phase = status.phase === "Running" ? "" : ` (${status.phase})`;
  return `${metadata.namespace}/${metadata.name}${phase}`;
}

/** A pod that a DaemonSet made: an owner reference alone says nothing, as anybody may write one. */
function isPodOf({ metadata, spec }: DaemonSet, pod: Pod): boolean {
  const labels = Object.entries(spec.template.metadata?.labels ?? {});
  const images = ({ containers = [] }: { containers?: { image?: string }[] } = {}) => containers.map(({ image }) => image);
  return (
    (pod.metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === metadata.uid) ?? false) &&
    labels.every(([key, value]) => pod.metadata.labels?.[key] === value) &&
    images(pod.spec).join() === images(spec.template.spec).join()
  );
}

function has(type: string, { status }: Node | Pod): boolean {
  return status.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
}
