import { all, check, checks, expect, failed, passed, sameImage, type Deployment, type Pod } from "@drydock/labs/checks";

const NAMESPACE = "voyage";
const REPLICAS = 3;
const PORT = 8080;
const LEFT_ALONE = [
  ["v1", "Service", "booking"],
  ["apps/v1", "Deployment", "clients"],
] as const;
const BROKEN_IMAGE = "nginx:1.27.99-alpine";
const WANTED = { image: "nginx:1.26-alpine", release: "2.1" };
/** A rolled back Deployment whose old pods still end: requests are lost until then, if ever. */
const AFTERMATH_MS = 20_000;

export default checks(({ kube, net, runtime, rollouts, baseline, eventually }) => {
  const booking = () => kube.deployment("booking", NAMESPACE);

  const bookingPods = () => kube.pods({ namespace: NAMESPACE, labels: { app: "booking" } });

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

  /**
   * Each pod of the Service by itself: one that answers wrongly is met with every third request
   * only.
   */
  const answersAsWanted = async (pod: Pod, expected: { en: string; ko: string }) => {
    const { name } = pod.metadata;
    const doubt = await runtime.whyNotRunning(pod);
    if (doubt) return failed(expected, doubt);
    const { answered, body, servedBy } = await net.requestPod(pod, { port: PORT });
    return all(
      expect(body.trim()).toBe(
        `booking ${WANTED.release}`,
        expected,
        answered
          ? { en: `pod ${name} answers ${body.trim()}`, ko: `파드 ${name}의 응답: ${body.trim()}` }
          : { en: `pod ${name} does not answer`, ko: `파드 ${name}이(가) 응답하지 않음` },
      ),
      expect(servedBy.length > 0).toBe(true, expected, {
        en: `what answers in pod ${name} is no program of its containers`,
        ko: `파드 ${name}에서 응답하는 것이 그 컨테이너의 프로그램이 아님`,
      }),
    );
  };

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
        const { answered, body, servedFrom = "" } = await net.request("controlplane", url);
        const pods = (await bookingPods()).filter(({ metadata }) => !metadata.deletionTimestamp);
        const { image } = applicationOf(deployment) ?? {};
        // One request tells of one of the ways that the Service leads.
        const strangers = (await kube.endpointSlices("booking", NAMESPACE))
          .flatMap(({ endpoints }) => endpoints ?? [])
          .filter(({ conditions }) => conditions?.ready !== false)
          .flatMap(({ addresses }) => addresses)
          .filter((address) => !pods.some(({ status }) => status.podIP === address));
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
          expect(pods.some(({ status }) => servedFrom === `${status.podIP}:${PORT}`)).toBe(true, expected, {
            en: `the Service is answered by ${servedFrom}, which is no pod of booking`,
            ko: `서비스에 응답하는 ${servedFrom}은(는) booking의 파드가 아님`,
          }),
          expect(strangers).toBeEmpty(expected, {
            en: `the Service leads to ${strangers.join(", ")}, which is no pod of booking`,
            ko: `서비스가 연결하는 ${strangers.join(", ")}은(는) booking의 파드가 아님`,
          }),
          ...pods.map((pod) => () => answersAsWanted(pod, expected)),
        );
      }, rolledOut),
    ),

    check("complete", options, () =>
      eventually(async () => {
        const expected = {
          en: `${REPLICAS} replicas, all of the latest revision and available, and no others`,
          ko: `레플리카 ${REPLICAS}개가 모두 최신 리비전이며 사용 가능하고, 그 밖의 파드는 없음`,
        };
        const deployment = await booking();
        if (!deployment) return failed(expected, { en: "there is no Deployment booking", ko: "디플로이먼트 booking이 없음" });
        const asked = deployment.spec.replicas;
        if (asked !== REPLICAS)
          return failed(expected, { en: `${asked} replicas are asked for`, ko: `요청한 레플리카 ${asked}개` });
        const why = await rollouts.whyNotRolledOut(deployment);
        return why ? failed(expected, why) : passed();
      }, rolledOut),
    ),

    check("no-lost-request", { after: ["complete"], timeoutMs: AFTERMATH_MS + 10_000 }, async () => {
      const expected = {
        en: "an answer to every request to the Service booking since the task was set up",
        ko: "과제가 준비된 이후 서비스 booking에 보낸 모든 요청에 대한 응답",
      };
      await kube.waitFor(async () => (await bookingPods()).every(({ metadata }) => !metadata.deletionTimestamp), {
        withinMs: AFTERMATH_MS,
      });
      const { lost, beats, losses } = await net.traffic("visitors");
      const at = losses.map(({ atMs, status, error }) => `${Math.round(atMs / 1000)} s (${error ?? status})`);
      return expect(lost).toBe(0, expected, {
        en: `${lost} of ${beats} lost, the first at ${at[0]}, the last at ${at.at(-1)} after the task was set up`,
        ko: `${beats}개 중 ${lost}개 유실, 과제 준비 후 첫 번째 ${at[0]}, 마지막 ${at.at(-1)}`,
      });
    }),

    check("as-they-were", async () => {
      const expected = {
        en: "the Service booking and the Deployment clients as at the beginning",
        ko: "처음과 같은 서비스 booking과 디플로이먼트 clients",
      };
      for (const [apiVersion, kind, name] of LEFT_ALONE) {
        const [was, is] = [
          baseline.object({ apiVersion, kind, name, namespace: NAMESPACE }),
          await kube.get(apiVersion, kind, name, NAMESPACE),
        ];
        if (!is) return failed(expected, { en: `there is no ${kind} ${name}`, ko: `${kind} ${name}이(가) 없음` });
        const same = expect(is.spec).toEqual(was?.spec, expected, {
          en: `the ${kind} ${name} has been changed`,
          ko: `${kind} ${name}이(가) 변경됨`,
        });
        if (same.outcome === "failed") return same;
      }
      return passed();
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
