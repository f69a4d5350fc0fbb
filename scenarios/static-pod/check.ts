import { all, check, checks, expect, failed, KubeError, passed, sameImage, type Pod } from "@drydock/labs/checks";

const NAMESPACE = "signals";
/** The kubelet appends its node's name to the names of its static pods. */
const NAME = "foghorn-node01";
const IMAGE = "nginx:1.27-alpine";
const FOLDER = "/etc/signals/pods";
/** A kubelet that is told of no change looks into its folder every 20 s. */
const READ_WITHIN_MS = 25_000;
/**
 * A kubelet that has just been started answers, and has made its static pods known, within this.
 */
const STARTED_WITHIN_MS = 15_000;

/**
 * The longest wait: a pod of the same name may have half a minute to end before the manifest that
 * came after it is acted on.
 */
const SETTLED_MS = 70_000;

export default checks(({ kube, host, net, runtime, eventually }) => {
  const foghorn = () => kube.pod(NAME, NAMESPACE);
  /**
   * The pod as the kubelet of node01 has it: its picture in the API can be made up, or painted
   * over. Undefined where the kubelet has none, or does not answer.
   */
  const foghornOfKubelet = async () => {
    try {
      const pods = await kube.kubeletPods("node01");
      return pods.find(({ metadata }) => metadata.name === NAME && metadata.namespace === NAMESPACE);
    } catch (error) {
      if (error instanceof KubeError) return undefined;
      throw error;
    }
  };

  /**
   * A manifest that came after the kubelet had begun may still be unread; what the kubelet has read
   * is in the API a little later.
   */
  const isMoving = async () => {
    const node01 = host("node01");
    const [folder, kubelets] = await Promise.all([node01.stat(FOLDER), node01.processes("kubelet")]);
    const kubeletMs = Math.min(Infinity, ...kubelets.map(({ ageMs }) => ageMs));
    const folderMs = folder?.changedAgeMs ?? Infinity;
    const isUnread = folderMs < kubeletMs && folderMs < READ_WITHIN_MS;
    return isUnread || kubeletMs < STARTED_WITHIN_MS || kube.inTransition(NAMESPACE);
  };
  const settled = { withinMs: SETTLED_MS, converging: isMoving };
  const options = { timeoutMs: SETTLED_MS + 15_000 };

  const isStaticPodOfNode01 = async () => {
    const expected = {
      en: `a pod ${NAME} in ${NAMESPACE}, made by the kubelet of node01 from a file`,
      ko: `node01의 kubelet이 파일로부터 만든 ${NAMESPACE}의 파드 ${NAME}`,
    };
    const pod = await foghorn();
    if (!pod) return failed(expected, await describeOthers());
    if (pod.spec.nodeName !== "node01")
      return failed(expected, {
        en: `it is on ${pod.spec.nodeName ?? "no node"}`,
        ko: `${pod.spec.nodeName ?? "노드 없음"}에 있음`,
      });
    return all(
      expect(isFromFile(pod)).toBe(true, expected, {
        en: "an ordinary pod, made through the API server",
        ko: "API 서버를 통해 만들어진 일반 파드",
      }),
      async () =>
        expect((await foghornOfKubelet())?.metadata.annotations?.["kubernetes.io/config.source"]).toBe("file", expected, {
          en: "the kubelet of node01 does not have it from a file, or does not answer",
          ko: "node01의 kubelet이 파일로부터 얻은 파드가 아니거나 kubelet이 응답하지 않음",
        }),
    );
  };

  /** Pods of a similar name show where the work went. */
  const describeOthers = async () => {
    const similar = (await kube.pods())
      .filter((pod) => pod.metadata.name.startsWith("foghorn"))
      .map((pod) => `${pod.metadata.namespace}/${pod.metadata.name}`);
    if (similar.length === 0) return { en: "no such pod", ko: "그런 파드가 없음" };
    return { en: `no such pod, but ${similar.join(", ")}`, ko: `그런 파드가 없고 ${similar.join(", ")}이(가) 있음` };
  };

  return [
    check("static", options, () => eventually(isStaticPodOfNode01, settled)),

    check("answers", options, () =>
      eventually(async () => {
        const expected = {
          en: `the one container of ${NAME}, web with the image ${IMAGE}, runs on node01 and answers on port 80`,
          ko: `node01에서 ${NAME}의 유일한 컨테이너인 이미지 ${IMAGE}의 web이 실행되고 80번 포트에서 응답함`,
        };
        const [pod, running] = await Promise.all([foghornOfKubelet(), runtime.containers("node01")]);
        if (!pod)
          return failed(expected, { en: "the kubelet of node01 has no such pod", ko: "node01의 kubelet에 그런 파드가 없음" });
        const [container, ...others] = containersOf(pod);
        const { phase } = pod.status;
        const programs = running.find((one) => one.pod === pod.metadata.uid && one.name === "web")?.programs ?? [];
        return all(
          expect(others.length).toBe(0, expected, {
            en: `it has ${others.length + 1} containers`,
            ko: `컨테이너가 ${others.length + 1}개임`,
          }),
          expect(container?.name).toBe("web", expected, {
            en: `its container is named ${container?.name}`,
            ko: `컨테이너의 이름이 ${container?.name}`,
          }),
          expect(sameImage(container?.image, IMAGE)).toBe(true, expected, {
            en: `its image is ${container?.image}`,
            ko: `이미지가 ${container?.image}`,
          }),
          expect(phase).toBe("Running", expected, { en: `the pod is ${phase}`, ko: `파드의 상태가 ${phase}` }),
          expect(programs).toContain("nginx", expected, {
            en:
              programs.length > 0 ? `no nginx runs in container web (but ${programs.join(", ")})` : "container web does not run",
            ko:
              programs.length > 0
                ? `컨테이너 web에서 nginx가 실행되지 않음(${programs.join(", ")} 실행 중)`
                : "컨테이너 web이 실행되지 않음",
          }),
          async () => {
            const { answered, servedBy } = await net.requestPod(pod);
            return all(
              expect(answered).toBe(true, expected, {
                en: "nothing answers on its port 80",
                ko: "파드의 80번 포트에서 아무것도 응답하지 않음",
              }),
              expect(servedBy).toContain("web", expected, {
                en: "what answers on its port 80 is no program of its container",
                ko: "80번 포트에서 응답하는 것이 이 컨테이너의 프로그램이 아님",
              }),
            );
          },
        );
      }, settled),
    ),

    // Only what a kubelet keeps alive is deleted: deleting the API's picture of a static pod does
    // not even restart its container.
    check("comes-back", { after: ["static"], alone: true, timeoutMs: 45_000 }, async () => {
      const pod = await foghorn();
      if (!pod || !isFromFile(pod)) return isStaticPodOfNode01();
      await kube.remove("v1", "Pod", NAME, NAMESPACE);
      const isBack = await kube.waitFor(
        async () => {
          const found = await foghorn();
          return found !== undefined && found.metadata.uid !== pod.metadata.uid;
        },
        { withinMs: 30_000, everyMs: 100 },
      );
      if (isBack) return passed();
      return failed(
        { en: `${NAME} is created again after it is deleted`, ko: `${NAME}을(를) 삭제하면 다시 생성됨` },
        { en: "it is gone for good", ko: "다시 생성되지 않음" },
      );
    }),

    check("kubelet", options, () =>
      eventually(async () => {
        const expected = {
          en: "the kubelet of node01 reads static pods from the folder of the beginning",
          ko: "node01의 kubelet이 처음과 같은 폴더에서 스태틱 파드를 읽음",
        };
        try {
          const folder = String((await kube.kubeletConfig("node01")).staticPodPath || "");
          return expect(folder).toBe(FOLDER, expected, {
            en: `it reads them from ${folder || "nowhere"}`,
            ko: `읽는 폴더: ${folder || "없음"}`,
          });
        } catch (error) {
          if (error instanceof KubeError)
            return failed(expected, { en: "the kubelet of node01 does not answer", ko: "node01의 kubelet이 응답하지 않음" });
          throw error;
        }
      }, settled),
    ),
  ];
});

/** Those that run beside one another: an init container that ends is none, a sidecar is one. */
function containersOf({ spec }: Pod): Pod["spec"]["containers"] {
  const sidecars = spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always") ?? [];
  return [...spec.containers, ...sidecars];
}

/** Made of a file, and known to the kubelet as such: it removes pods that only say so. */
function isFromFile({ metadata }: Pod): boolean {
  const { "kubernetes.io/config.source": source, "kubernetes.io/config.mirror": mirror } = metadata.annotations ?? {};
  const owner = metadata.ownerReferences?.[0];
  return source === "file" && mirror !== undefined && owner?.kind === "Node" && owner.name === "node01";
}
