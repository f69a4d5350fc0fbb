import { all, check, checks, expect, failed, passed, sameImage, type Deployment } from "@drydock/labs/checks";

const NAMESPACE = "voyage";
const REPLICAS = 3;
const WANTED = { image: "nginx:1.26-alpine", release: "2.1" };
const BROKEN_IMAGE = "nginx:1.27.99-alpine";

export default checks(({ kube, net, eventually }) => {
  const booking = () => kube.deployment("booking", NAMESPACE);

  /** The pod that has been sending requests since before the broken rollout. One that came later can't tell what was lost before it. */
  const witness = async () => {
    const [pods, replicaSets] = await Promise.all([
      kube.pods({ namespace: NAMESPACE, labels: { app: "clients" } }),
      kube.replicaSets({ namespace: NAMESPACE, labels: { app: "booking" } }),
    ]);
    const broken = replicaSets.find((one) => one.spec.template?.spec?.containers[0]?.image === BROKEN_IMAGE);
    return pods.find((pod) => {
      const restarts = pod.status.containerStatuses?.[0]?.restartCount;
      return (
        restarts === 0 &&
        !pod.metadata.deletionTimestamp &&
        (!broken || pod.metadata.creationTimestamp <= broken.metadata.creationTimestamp)
      );
    });
  };

  /**
   * A rollout on its way is waited for; the one that hangs because its image does not exist is not.
   */
  const isMoving = async () => {
    const deployment = await booking();
    const hangs = deployment !== undefined && sameImage(applicationOf(deployment)?.image, BROKEN_IMAGE);
    return !hangs && kube.inTransition(NAMESPACE);
  };
  const rolledOut = { withinMs: 60_000, converging: isMoving };
  const options = { timeoutMs: 75_000 };

  return [
    check("release", options, () =>
      eventually(async () => {
        const expected = {
          en: `booking ${WANTED.release}, the release of revision 2, from image ${WANTED.image}`,
          ko: `리비전 2의 릴리스인 booking ${WANTED.release}, 이미지 ${WANTED.image}`,
        };
        const [deployment, service] = await Promise.all([booking(), kube.service("booking", NAMESPACE)]);
        if (!deployment) return failed(expected, { en: "there is no Deployment booking", ko: "디플로이먼트 booking이 없음" });
        if (!service?.spec.clusterIP) return failed(expected, { en: "there is no Service booking", ko: "서비스 booking이 없음" });
        const url = await net.serviceUrl("booking", NAMESPACE);
        const { answered, body } = await net.request("controlplane", url);
        const { image } = applicationOf(deployment) ?? {};
        return all(
          expect(body.trim()).toBe(
            `booking ${WANTED.release}`,
            expected,
            answered ? body.trim() : { en: "the Service does not answer", ko: "서비스가 응답하지 않음" },
          ),
          expect(sameImage(image, WANTED.image)).toBe(true, expected, {
            en: `the Deployment's image is ${image}`,
            ko: `디플로이먼트의 이미지가 ${image}`,
          }),
        );
      }, rolledOut),
    ),

    check("complete", options, () => eventually(async () => isComplete(await booking()), rolledOut)),

    check("no-lost-request", { after: ["complete"] }, async () => {
      const expected = {
        en: "the clients, running since before the broken rollout, have got an answer to every request",
        ko: "잘못된 롤아웃 이전부터 실행 중인 클라이언트가 모든 요청에 응답을 받음",
      };
      const pod = await witness();
      if (!pod)
        return failed(expected, {
          en: "the pod of Deployment clients is not the one that was there at the beginning",
          ko: "디플로이먼트 clients의 파드가 처음에 있던 파드가 아님",
        });
      const lost = (await kube.logs(pod.metadata.name, NAMESPACE, { tailLines: 2000 }))
        .split("\n")
        .filter((line) => line.startsWith("lost: "));
      const times = lost.map((line) => line.slice("lost: ".length));
      return expect(lost.length).toBe(0, expected, {
        en: `${lost.length} lost, the first at ${times[0]}, the last at ${times.at(-1)}`,
        ko: `${lost.length}개 유실, 첫 번째 ${times[0]}, 마지막 ${times.at(-1)}`,
      });
    }),
  ];
});

/**
 * The container that serves, whatever its name is; where others stand beside it, the one that has
 * kept the name.
 */
function applicationOf({ spec }: Deployment) {
  const { containers } = spec.template.spec!;
  return containers.length === 1 ? containers[0] : containers.find(({ name }) => name === "web");
}

function isComplete(deployment: Deployment | undefined) {
  const expected = {
    en: `${REPLICAS} replicas, all of the latest revision and available, and no others`,
    ko: `레플리카 ${REPLICAS}개가 모두 최신 리비전이며 사용 가능하고, 그 밖의 파드는 없음`,
  };
  if (!deployment) return failed(expected, { en: "there is no Deployment booking", ko: "디플로이먼트 booking이 없음" });
  const { metadata, spec, status } = deployment;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
  const counts = [spec.replicas, replicas, updatedReplicas, availableReplicas];
  if (observedGeneration >= (metadata.generation ?? 0) && counts.every((count) => count === REPLICAS)) return passed();
  return failed(expected, {
    en: `${spec.replicas} asked for; ${replicas} there, ${updatedReplicas} of the latest revision, ${availableReplicas} available`,
    ko: `요청한 레플리카 ${spec.replicas}개, 존재 ${replicas}개, 최신 리비전 ${updatedReplicas}개, 사용 가능 ${availableReplicas}개`,
  });
}
