import {
  all,
  check,
  checks,
  expect,
  failed,
  passed,
  sameCommand,
  sameImage,
  type Deployment,
  type Manifest,
  type Pod,
  type PollResult,
  type Service,
} from "@drydock/labs/checks";

const NAMESPACE = "regatta";
const NAME = "scoreboard";
const REPLICAS = 3;
const IMAGE = "nginx:1.27-alpine";
/** As set up: a start that takes its time, and nginx as the process that is told to stop. */
const COMMAND = [
  "sh",
  "-c",
  `sleep 2 # the results of the last races are read
echo 'server { listen 8080; location / { return 200 "scores\\n"; } }' > /etc/nginx/conf.d/default.conf
exec nginx -g 'daemon off;'`,
];
const PORT = 8080;
const ANSWER = "scores\n";
/** How long an ending pod is to answer. */
const ENDING_MS = 5000;
/** A rollout of the copy: three pods one after another, each ready after some seconds. */
const ROLLOUT_MS = 60_000;
/** How long a pod that probes are tried on has to start, and they to tell. */
const TRIAL_MS = 30_000;
/** How the probes of a copy ask. */
const AT_ONCE = { initialDelaySeconds: 0, periodSeconds: 1 };
/** A rollout of the learner's own that is still going on is waited for so long. */
const SETTLED_MS = 60_000;
/** How long requests go on after the last old pod was told to end. */
const AFTERMATH_MS = 3000;

type Template = Deployment["spec"]["template"];
type Container = NonNullable<Template["spec"]>["containers"][number];

export default checks(({ kube, net, runtime, rollouts, eventually }) => {
  const scoreboard = () => kube.deployment(NAME, NAMESPACE);

  const copyService = (namespace: string, { spec }: Service): Manifest => {
    const ports = spec.ports?.map(({ name, port, targetPort, protocol }) => ({ name, port, targetPort, protocol }));
    return { apiVersion: "v1", kind: "Service", metadata: { name: NAME, namespace }, spec: { selector: spec.selector, ports } };
  };

  /**
   * The learner's Deployment as it is, but for what only takes time: probes ask at once and every
   * second. A probe that needs its delay, because it does not ask the application, fails the check
   * `readiness`. `version` is what a rollout changes.
   */
  const copyDeployment = (namespace: string, { spec }: Deployment, version: string): Manifest => {
    const template = structuredClone(spec.template) as Template;
    template.metadata = { ...template.metadata, annotations: { ...template.metadata?.annotations, "drydock/version": version } };
    for (const { readinessProbe, startupProbe } of template.spec?.containers ?? []) {
      if (readinessProbe) Object.assign(readinessProbe, AT_ONCE);
      if (startupProbe) Object.assign(startupProbe, AT_ONCE, { failureThreshold: ROLLOUT_MS / 1000 });
    }
    const { replicas, selector, strategy, paused } = spec;
    const minReadySeconds = Math.min(spec.minReadySeconds ?? 0, 3);
    const copy = { replicas, selector, strategy, minReadySeconds, paused, template };
    return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: NAME, namespace }, spec: copy };
  };

  const isRolledOutInTruth = async (deployment: Deployment, expected: { en: string; ko: string }) => {
    const why = await rollouts.whyNotRolledOut(deployment);
    return why ? failed(expected, why) : passed();
  };

  const isRolledOut = async (namespace: string) => {
    const deployment = await kube.deployment(NAME, namespace);
    return deployment !== undefined && isComplete(deployment);
  };

  /**
   * Rolls a copy out under requests. Undefined where the copy does not come up, or its rollout does
   * not end.
   */
  const tryRollout = (deployment: Deployment, service: Service): Promise<(PollResult & { strangers: string[] }) | undefined> =>
    kube.withProbeNamespace(async (namespace) => {
      await Promise.all([kube.create(copyService(namespace, service)), kube.apply(copyDeployment(namespace, deployment, "1"))]);
      if (!(await kube.waitFor(() => isRolledOut(namespace), { withinMs: ROLLOUT_MS }))) return undefined;
      const url = await net.serviceUrl(NAME, namespace);
      // Ready is what the probe says; the first answer shows that the way through the Service is
      // there before anything is counted.
      await kube.waitFor(async () => (await net.request("controlplane", url)).answered);

      let isDone: boolean | undefined;
      const addresses = new Set<string>();
      const noteAddresses = async () => {
        for (const { status } of await kube.pods({ namespace })) addresses.add(`${status.podIP}:${PORT}`);
      };
      const result = await net.poll({
        host: "controlplane",
        url,
        everyMs: 15,
        requestTimeoutMs: 5000,
        withinMs: ROLLOUT_MS + AFTERMATH_MS,
        whileRunning: async () => {
          await noteAddresses();
          await kube.apply(copyDeployment(namespace, deployment, "2"));
          isDone = await kube.waitFor(
            async () => {
              await noteAddresses();
              return isRolledOut(namespace);
            },
            { withinMs: ROLLOUT_MS },
          );
          await new Promise((resolve) => setTimeout(resolve, AFTERMATH_MS));
        },
      });
      const strangers = Object.keys(result.servedFrom).filter((address) => !addresses.has(address));
      return isDone ? { ...result, strangers } : undefined;
    });

  /**
   * How long a pod of the template goes on answering when it is ended, measured on one that is
   * deleted; Infinity when it is {@link ENDING_MS} or more, undefined where it never answers. It
   * has stopped where no request after that got an answer, and at the latest when the kubelet says
   * so. The clock starts before the pod can know: a slow machine makes the time longer, never
   * shorter.
   */
  const measureEnding = ({ metadata, spec }: Template): Promise<number | undefined> =>
    kube.withProbeNamespace(async (namespace) => {
      const { labels, annotations } = metadata ?? {};
      await kube.create({ apiVersion: "v1", kind: "Pod", metadata: { name: "ending", namespace, labels, annotations }, spec });
      const pod = () => kube.pod("ending", namespace);
      const running = await kube.waitFor(async () => runningPod(await pod()), { withinMs: 30_000 });
      // Within the pod's own network no rule of the node can answer in its place. A pod that has
      // gone answers no more.
      const isAnswered = async () => {
        const { status, body, servedBy } = await net.requestPod(running!, { port: PORT, timeoutMs: 500 }).catch(() => GONE);
        return status === 200 && body === ANSWER && servedBy.length > 0;
      };
      if (!running || !(await kube.waitFor(isAnswered, { withinMs: 30_000 }))) return undefined;
      const startedAt = performance.now();
      const sinceMs = () => performance.now() - startedAt;
      await kube.remove("v1", "Pod", "ending", namespace);
      const untilUnanswered = async () => {
        let failedMs: number[] = [];
        while (sinceMs() < ENDING_MS) {
          failedMs = (await isAnswered()) ? [] : [...failedMs, sinceMs()];
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        // One that got lost at the end says nothing.
        return failedMs.length > 1 ? failedMs[0]! : Infinity;
      };
      const hasEnded = async () => {
        const containers = (await pod())?.status.containerStatuses ?? [];
        return containers.every(({ state }) => state?.terminated) && sinceMs();
      };
      const untilEnded = kube.waitFor(hasEnded, { withinMs: ENDING_MS, everyMs: 100 });
      const [unansweredMs, endedMs = Infinity] = await Promise.all([untilUnanswered(), untilEnded]);
      const stoppedMs = Math.min(unansweredMs, endedMs);
      return stoppedMs < ENDING_MS ? stoppedMs : Infinity;
    });

  /**
   * Whether a pod whose application never answers is called ready under its probes; no container is
   * ready before its startup probe has succeeded.
   */
  const isDeadPodReady = (template: Container): Promise<boolean> =>
    kube.withProbeNamespace(async (namespace) => {
      const { image, ports, readinessProbe, startupProbe } = template;
      const quick = (probe: Container["readinessProbe"], failureThreshold: number) =>
        probe && { ...probe, ...AT_ONCE, failureThreshold, timeoutSeconds: Math.min(probe.timeoutSeconds ?? 1, 5) };
      const container = {
        name: "dead",
        image,
        imagePullPolicy: "IfNotPresent",
        command: ["sleep", "60"],
        ports,
        readinessProbe: quick(readinessProbe, 1),
        startupProbe: quick(startupProbe, TRIAL_MS / 1000),
      };
      await kube.create({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "dead", namespace },
        spec: { terminationGracePeriodSeconds: 0, containers: [container] },
      });
      const answer = await kube.waitFor(
        async () => {
          if (isReady(await kube.pod("dead", namespace))) return "ready";
          const events = await kube.events({ namespace, fields: "involvedObject.name=dead,reason=Unhealthy" });
          // Once may be a machine that is slow.
          return events.reduce((sum, { count = 1 }) => sum + count, 0) > 1 && "unready";
        },
        { withinMs: TRIAL_MS },
      );
      if (!answer)
        throw await runtime.notStarted(await kube.pod("dead", namespace), "The pod on which the probes are tried does not start");
      return answer === "ready";
    });

  return [
    check("strategy", async () => {
      const expected = {
        en: "at least 3 available pods and at most 4 pods during a rollout",
        ko: "롤아웃 동안 사용 가능한 파드 3개 이상, 전체 파드 4개 이하",
      };
      const deployment = await scoreboard();
      if (!deployment) return failed(expected, { en: "there is no Deployment scoreboard", ko: "디플로이먼트 scoreboard가 없음" });
      const { type, rollingUpdate } = deployment.spec.strategy ?? {};
      if (type === "Recreate")
        return failed(expected, {
          en: "all old pods are ended before the first new one is made",
          ko: "새 파드가 만들어지기 전에 기존 파드가 모두 종료됨",
        });
      const { surge, unavailable } = resolve(rollingUpdate?.maxSurge, rollingUpdate?.maxUnavailable);
      return expect(unavailable === 0 && surge === 1).toBe(true, expected, {
        en: `of 3 pods, ${unavailable} may be missing and ${surge} may be there in addition`,
        ko: `파드 3개 중 ${unavailable}개가 없을 수 있고, ${surge}개가 더 있을 수 있음`,
      });
    }),

    check("readiness", { timeoutMs: 120_000 }, () =>
      eventually(
        async () => {
          const expected = {
            en: "a pod is ready if, and only if, its application answers",
            ko: "애플리케이션이 응답할 때, 그리고 그때만 파드가 준비 상태가 됨",
          };
          const deployment = await scoreboard();
          const container = deployment && applicationOf(deployment);
          if (!deployment || !container) return failed(expected, NOT_THERE);
          if (!container.readinessProbe && !container.startupProbe)
            return failed(expected, {
              en: "a pod counts as ready as soon as its container has started",
              ko: "컨테이너가 시작되기만 하면 파드가 준비된 것으로 간주됨",
            });
          return all(
            () => isRolledOutInTruth(deployment, expected),
            async () =>
              expect(await isDeadPodReady(container)).toBe(false, expected, {
                en: "a pod whose application does not answer is called ready",
                ko: "애플리케이션이 응답하지 않는 파드도 준비 상태가 됨",
              }),
          );
        },
        { withinMs: SETTLED_MS },
      ),
    ),

    check("ending", { timeoutMs: 90_000 }, async () => {
      const expected = {
        en: "a pod that is deleted answers for 5 seconds more",
        ko: "삭제되는 파드가 5초 동안 계속 응답함",
      };
      const deployment = await scoreboard();
      if (!deployment) return failed(expected, NOT_THERE);
      const container = applicationOf(deployment);
      if (!container) return failed(expected, NOT_THERE);
      // With this image and command nothing else of a Deployment can make it answer after it was
      // told to stop.
      if (!container.lifecycle?.preStop)
        return failed(expected, {
          en: "its container has no preStop hook: the application is told to stop at once",
          ko: "컨테이너에 preStop 훅이 없음: 애플리케이션이 바로 종료 신호를 받음",
        });
      const answersMs = await measureEnding(deployment.spec.template);
      if (answersMs === undefined)
        return failed(expected, { en: "a copy of its pod does not come up", ko: "파드의 사본이 시작되지 않음" });
      const seconds = (answersMs / 1000).toFixed(1);
      return expect(answersMs).toBeAtLeast(ENDING_MS, expected, {
        en: `a copy of its pod answered for ${seconds} s after it was deleted`,
        ko: `파드의 사본이 삭제된 뒤 ${seconds}초 동안만 응답함`,
      });
    }),

    // Pods that count as ready before they answer, or stop too early, lose requests in a rollout:
    // there is nothing to try.
    check("no-lost-request", { after: ["readiness", "ending"], alone: true, timeoutMs: 3 * ROLLOUT_MS }, async () => {
      const expected = { en: "an answer to every request during a rollout", ko: "롤아웃 동안 모든 요청에 대한 응답" };
      const [deployment, service] = await Promise.all([scoreboard(), kube.service(NAME, NAMESPACE)]);
      if (!deployment || !service)
        return failed(expected, {
          en: "there is no Deployment or no Service scoreboard",
          ko: "디플로이먼트 또는 서비스 scoreboard가 없음",
        });
      const result = await tryRollout(deployment, service);
      if (!result)
        return failed(expected, {
          en: "a copy of the Deployment does not come up, or its rollout does not end",
          ko: "디플로이먼트의 사본이 시작되지 않거나 롤아웃이 끝나지 않음",
        });
      if (result.strangers.length > 0)
        return failed(expected, {
          en: `the copy's Service was answered by ${result.strangers.join(", ")}, which is no pod of the copy`,
          ko: `사본의 서비스에 응답한 ${result.strangers.join(", ")}은(는) 사본의 파드가 아님`,
        });
      const { length: lost } = result.failures;
      if (lost === 0 && result.total < 20) throw new Error(`Only ${result.total} requests could be sent`);
      const seconds = [...new Set(result.failures.map(({ atMs }) => Math.floor(atMs / 1000)))];
      return expect(lost).toBe(0, expected, {
        en: `${lost} of ${result.total} requests got no answer (in second ${seconds.join(", ")} of the rollout)`,
        ko: `요청 ${result.total}개 중 ${lost}개가 응답을 받지 못함(롤아웃 시작 후 ${seconds.join(", ")}초)`,
      });
    }),

    check("application", { timeoutMs: SETTLED_MS + 15_000 }, () =>
      eventually(
        async () => {
          const expected = {
            en: `3 replicas of ${IMAGE} with the command of the beginning, rolled out, behind the Service on port 80`,
            ko: `처음과 같은 커맨드를 가진 ${IMAGE}의 레플리카 3개, 롤아웃 완료, 80번 포트의 서비스`,
          };
          const [deployment, service] = await Promise.all([scoreboard(), kube.service(NAME, NAMESPACE)]);
          const container = deployment && applicationOf(deployment);
          if (!deployment || !container) return failed(expected, NOT_THERE);
          const port = service?.spec.ports?.[0];
          return all(
            expect(sameImage(container.image, IMAGE)).toBe(true, expected, {
              en: `the image is ${container.image}`,
              ko: `이미지가 ${container.image}`,
            }),
            expect(sameCommand(container.command, COMMAND) && !container.args?.length).toBe(true, expected, {
              en: "the command has been changed",
              ko: "커맨드가 변경됨",
            }),
            expect(deployment.spec.replicas).toBe(REPLICAS, expected, {
              en: `${deployment.spec.replicas} replicas`,
              ko: `레플리카 ${deployment.spec.replicas}개`,
            }),
            expect(port?.port === 80 && port.targetPort === 8080 && service?.spec.selector?.app === NAME).toBe(true, expected, {
              en: "the Service has been changed",
              ko: "서비스가 변경됨",
            }),
            () => isRolledOutInTruth(deployment, expected),
          );
        },
        { withinMs: SETTLED_MS },
      ),
    ),
  ];
});

const NOT_THERE = {
  en: "there is no Deployment scoreboard with one container",
  ko: "컨테이너가 하나인 디플로이먼트 scoreboard가 없음",
};

/**
 * The container of the application, whatever its name is; where others stand beside it, the one
 * that has kept the name.
 */
function applicationOf({ spec }: Deployment): Container | undefined {
  const { containers } = spec.template.spec!;
  return containers.length === 1 ? containers[0] : containers.find(({ name }) => name === NAME);
}

const GONE = { status: 0, body: "", servedBy: [] };

/** A pod whose container has started; a pod has an address before. */
function runningPod(pod: Pod | undefined): Pod | undefined {
  return pod?.status.podIP && pod.status.containerStatuses?.some(({ state }) => state?.running) ? pod : undefined;
}

function isComplete({ metadata, spec, status }: Deployment): boolean {
  const { observedGeneration = 0, replicas, updatedReplicas, availableReplicas } = status;
  return (
    observedGeneration >= (metadata.generation ?? 0) &&
    [replicas, updatedReplicas, availableReplicas].every((count) => count === spec.replicas)
  );
}

function isReady(pod: Pod | undefined): boolean {
  return pod?.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

/**
 * How the Deployment controller reads the two numbers: percentages of the replicas, the surge
 * rounded up, the missing rounded down, and never both 0.
 */
function resolve(maxSurge: unknown = "25%", maxUnavailable: unknown = "25%"): { surge: number; unavailable: number } {
  const pods = (value: unknown, round: (pods: number) => number) =>
    typeof value === "string" && value.endsWith("%") ? round((parseInt(value) * REPLICAS) / 100) : Number(value);
  const surge = pods(maxSurge, Math.ceil);
  const unavailable = pods(maxUnavailable, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}
