import {
  all,
  check,
  checks,
  expect,
  failed,
  passed,
  sameImage,
  type Deployment,
  type Pod,
  type Verdict,
} from "@drydock/labs/checks";

const NAMESPACE = "lighthouse";
const IMAGE = "nginx:1.27-alpine";
const CONFIG_FOLDER = "/etc/nginx/conf.d";
const CONFIG_KEY = "default.conf";
/** Of the ConfigMap, as set up. */
const CONFIG = `server {
  listen 8080;
  default_type text/plain;
  location = /healthz {
    if (-f /tmp/unhealthy) { return 503 "unhealthy\\n"; }
    return 200 "healthy\\n";
  }
  location = / { return 200 "beacon\\n"; }
  location / { return 404; }
}
`;
const UNHEALTHY = CONFIG.replace("-f /tmp/unhealthy", "-d /tmp");
const HEALTH = { port: 8080, path: "/healthz" };
/** A container that has run for so long without a restart has survived the probe. */
const STEADY_MS = 12_000;
/** A probe that fails so often, a second apart, fails for good. */
const TRIALS = 3;
/** How long the copies have to start and the probe to tell. */
const TRIAL_MS = 30_000;
const IN_TIME_SECONDS = 60;

type Container = NonNullable<Deployment["spec"]["template"]["spec"]>["containers"][number];
type Probe = NonNullable<Container["livenessProbe"]>;

export default checks(({ kube, net, runtime, rollouts, eventually }) => {
  const beacon = () => kube.deployment("beacon", NAMESPACE);

  /** The Deployment's pods but for those that are on their way out, the newest first. */
  const pods = async () =>
    (await kube.pods({ namespace: NAMESPACE, labels: { app: "beacon" } }))
      .filter(({ metadata, status }) => !metadata.deletionTimestamp && status.phase !== "Succeeded" && status.phase !== "Failed")
      .sort((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp));

  /**
   * What the kubelet would find by an HTTP probe of the pod now; passed for a probe of another
   * kind.
   */
  const isAnswered = async (probe: Probe, { ports = [] }: Container, pod: Pod): Promise<Verdict> => {
    const { httpGet } = probe;
    if (!httpGet) return passed();
    const port = portNumber(httpGet.port, ports);
    const address = httpGet.host ?? pod.status.podIP;
    const url = `${(httpGet.scheme ?? "HTTP").toLowerCase()}://${address}:${port}${httpGet.path ?? "/"}`;
    const headers = Object.fromEntries((httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value]));
    const expected = { en: "the application answers the liveness probe", ko: "애플리케이션이 활성 프로브에 응답함" };
    // As the kubelet asks: from the pod's node, where a rule may lead the request elsewhere.
    const { answered, status, servedFrom } = await net.request(pod.spec.nodeName!, url, { headers });
    return all(
      expect(answered && status >= 200 && status < 400).toBe(
        true,
        expected,
        answered
          ? {
              en: `it answers ${httpGet.path ?? "/"} on port ${port} with status ${status}`,
              ko: `포트 ${port}의 ${httpGet.path ?? "/"}에 상태 코드 ${status}로 응답함`,
            }
          : { en: `nothing answers on port ${port}`, ko: `포트 ${port}에서 아무것도 응답하지 않음` },
      ),
      expect(servedFrom).toBe(`${pod.status.podIP}:${port}`, expected, {
        en: `what answers it is ${servedFrom}, and not the pod`,
        ko: `응답하는 것이 파드가 아니라 ${servedFrom}`,
      }),
    );
  };

  /**
   * What a probe says of the application as set up, tried by the kubelet on two copies in a
   * namespace of the grader's, one healthy and one not: as their readiness probe, so that both
   * answers can be seen. It is asked at once and every second, and has time on a slow machine.
   * Whatever the learner's own pod runs, it is not asked.
   */
  const tryProbe = once((ports: Container["ports"], probe: Probe) =>
    kube.withProbeNamespace(async (namespace) => {
      const { exec, httpGet, tcpSocket, grpc } = probe;
      const readinessProbe = { exec, httpGet, tcpSocket, grpc, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 5 };
      const volumeMounts = [{ name: "conf", mountPath: CONFIG_FOLDER }];
      const containers = [{ name: "beacon", image: IMAGE, imagePullPolicy: "IfNotPresent", ports, readinessProbe, volumeMounts }];
      const create = async (name: string, config: string) => {
        const metadata = { name, namespace };
        await kube.create({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { [CONFIG_KEY]: config } });
        const volumes = [{ name: "conf", configMap: { name } }];
        const spec = { terminationGracePeriodSeconds: 0, containers, volumes };
        await kube.create({ apiVersion: "v1", kind: "Pod", metadata, spec });
      };
      const doesSucceed = async (name: string) => {
        if ((await kube.pod(name, namespace))?.status.containerStatuses?.[0]?.ready) return { succeeds: true };
        const events = await kube.events({ namespace, fields: `involvedObject.name=${name},reason=Unhealthy` });
        const failures = events.reduce((sum, { count = 1 }) => sum + count, 0);
        return failures >= TRIALS && { succeeds: false };
      };
      await Promise.all([create("healthy", CONFIG), create("unhealthy", UNHEALTHY)]);
      const answers = ["healthy", "unhealthy"].map((name) => kube.waitFor(() => doesSucceed(name), { withinMs: TRIAL_MS }));
      const [healthy, unhealthy] = await Promise.all(answers);
      if (!healthy || !unhealthy)
        throw await runtime.notStarted(
          await kube.pod("healthy", namespace),
          "The copies on which the probe is tried do not start",
        );
      return { succeedsWhenHealthy: healthy.succeeds, noticesUnhealth: !unhealthy.succeeds };
    }),
  );

  /**
   * The longest that an application which stops being healthy may go unnoticed. While a startup
   * probe has not succeeded the liveness probe does not ask: either the startup probe notices by
   * itself, or it succeeds although the application is not healthy and the liveness probe notices
   * afterwards.
   */
  const worstCaseSeconds = async (template: Container): Promise<number> => {
    const liveness = timing(template.livenessProbe!);
    const alone = liveness.firstSeconds + liveness.untilFailedSeconds;
    if (!template.startupProbe) return alone;
    const startup = timing(template.startupProbe);
    const notices =
      asksForHealth(template.startupProbe, template) || (await tryProbe(template.ports, template.startupProbe)).noticesUnhealth;
    if (notices) return Math.max(alone, startup.firstSeconds + startup.untilFailedSeconds);
    return Math.max(liveness.firstSeconds, startup.firstSeconds + startup.everySeconds) + liveness.untilFailedSeconds;
  };

  /** The probe is answered, and only time can tell whether the restarts are over. */
  let isWarmingUp = false;

  return [
    check("steady", { timeoutMs: 100_000 }, () =>
      eventually(
        async () => {
          const expected = {
            en: "one pod of beacon that runs and is not restarted",
            ko: "재시작되지 않고 실행 중인 beacon의 파드 1개",
          };
          const [deployment, found] = await Promise.all([beacon(), pods()]);
          const template = deployment && applicationOf(deployment);
          if (!template) return failed(expected, NOT_THERE);
          const [pod, ...others] = found;
          isWarmingUp = false;
          if (!pod || others.length > 0) return failed(expected, { en: `${found.length} pods`, ko: `파드 ${found.length}개` });
          if (!pod.status.podIP) return isSteady(pod, template.name, kube.now(), expected);
          const doubt = await runtime.whyNotRunning(pod);
          if (doubt) return failed(expected, doubt);
          const health = await net.requestPod(pod, HEALTH);
          return all(
            () => (template.livenessProbe ? isAnswered(template.livenessProbe, template, pod) : passed()),
            () => {
              isWarmingUp = runsSinceMs(pod, kube.now()) < STEADY_MS;
              return isSteady(pod, template.name, kube.now(), expected);
            },
            () =>
              expect(health.status).toBe(
                200,
                { en: "the application says that it is healthy", ko: "애플리케이션이 정상이라고 응답함" },
                {
                  en: "it does not answer /healthz on port 8080 with status 200",
                  ko: "포트 8080의 /healthz에 상태 코드 200으로 응답하지 않음",
                },
              ),
            () =>
              expect(health.servedBy).toContain(template.name, expected, {
                en: "what answers on its port 8080 is no program of the application's container",
                ko: "8080번 포트에서 응답하는 것이 애플리케이션 컨테이너의 프로그램이 아님",
              }),
            async () => {
              const why = await rollouts.whyNotRolledOut(deployment);
              return why ? failed(expected, why) : passed();
            },
          );
        },
        { withinMs: 80_000, converging: async () => isWarmingUp || kube.inTransition(NAMESPACE) },
      ),
    ),

    check("probe", { timeoutMs: 100_000 }, () =>
      eventually(
        async () => {
          const expected = {
            en: "a liveness probe that succeeds while the application is healthy and fails when it is not",
            ko: "애플리케이션이 정상이면 성공하고 비정상이면 실패하는 활성 프로브",
          };
          const [deployment, [pod]] = await Promise.all([beacon(), pods()]);
          const template = deployment && applicationOf(deployment);
          if (!template) return failed(expected, NOT_THERE);
          const { livenessProbe: probe } = template;
          if (!probe) return failed(expected, { en: "its container has no liveness probe", ko: "컨테이너에 활성 프로브가 없음" });
          if (!pod?.status.podIP)
            return failed(expected, { en: "beacon has no pod that runs", ko: "실행 중인 beacon의 파드가 없음" });
          return all(
            () => isAnswered(probe, template, pod),
            async () => {
              const { succeedsWhenHealthy, noticesUnhealth } = await tryProbe(template.ports, probe);
              return all(
                expect(succeedsWhenHealthy).toBe(true, expected, {
                  en: "the probe fails although the application, as it was set up, is healthy",
                  ko: "처음에 준비된 애플리케이션이 정상인데도 프로브가 실패함",
                }),
                expect(noticesUnhealth).toBe(true, expected, {
                  en: "the probe succeeds even when the application is not healthy",
                  ko: "애플리케이션이 비정상이어도 프로브가 성공함",
                }),
              );
            },
          );
        },
        { withinMs: 40_000, converging: () => kube.inTransition(NAMESPACE) },
      ),
    ),

    check("in-time", { after: ["probe"], timeoutMs: 60_000 }, async () => {
      const expected = {
        en: "an unhealthy application is noticed within 60 seconds",
        ko: "비정상인 애플리케이션을 60초 안에 알아챔",
      };
      const deployment = await beacon();
      const template = deployment && applicationOf(deployment);
      if (!template) return failed(expected, NOT_THERE);
      const worst = await worstCaseSeconds(template);
      const why = template.startupProbe
        ? { en: ", the startup probe's time included", ko: "(시작 프로브의 시간 포함)" }
        : { en: "", ko: "" };
      return expect(worst).toBeAtMost(IN_TIME_SECONDS, expected, {
        en: `it can take ${worst} seconds${why.en}`,
        ko: `최대 ${worst}초가 걸릴 수 있음${why.ko}`,
      });
    }),

    check("application", async () => {
      const expected = {
        en: `${IMAGE} with the ConfigMap beacon as it was, and its default command`,
        ko: `원래대로의 컨피그맵 beacon을 사용하고 기본 커맨드로 실행되는 ${IMAGE}`,
      };
      const [deployment, configMap] = await Promise.all([beacon(), kube.configMap("beacon", NAMESPACE)]);
      const template = deployment && applicationOf(deployment);
      if (!template) return failed(expected, NOT_THERE);
      const mounted = template.volumeMounts?.find(({ mountPath }) => mountPath.replace(/\/$/, "") === CONFIG_FOLDER)?.name;
      const volume = deployment.spec.template.spec?.volumes?.find(({ name }) => name === mounted);
      const { [CONFIG_KEY]: text, ...more } = configMap?.data ?? {};
      return all(
        expect(sameImage(template.image, IMAGE)).toBe(true, expected, {
          en: `the image is ${template.image}`,
          ko: `이미지가 ${template.image}`,
        }),
        expect(!template.command?.length && !template.args?.length).toBe(true, expected, {
          en: "the container has a command of its own",
          ko: "컨테이너에 별도의 커맨드가 있음",
        }),
        expect(volume?.configMap?.name).toBe("beacon", expected, {
          en: `the ConfigMap beacon is not what is mounted at ${CONFIG_FOLDER}`,
          ko: `${CONFIG_FOLDER}에 마운트된 것이 컨피그맵 beacon이 아님`,
        }),
        expect(text?.trimEnd() === CONFIG.trimEnd() && Object.keys(more).length === 0).toBe(true, expected, {
          en: "the ConfigMap beacon has been changed",
          ko: "컨피그맵 beacon이 변경됨",
        }),
      );
    }),
  ];
});

const NOT_THERE = {
  en: "there is no Deployment beacon with one container",
  ko: "컨테이너가 하나인 디플로이먼트 beacon이 없음",
};

/**
 * The container of the application, whatever its name is; where others stand beside it, the one
 * that has kept the name.
 */
function applicationOf({ spec }: Deployment): Container | undefined {
  const { containers } = spec.template.spec!;
  return containers.length === 1 ? containers[0] : containers.find(({ name }) => name === "beacon");
}

/** Remembers the answer for the same arguments; what went wrong is tried again. */
function once<A extends unknown[], T>(ask: (...given: A) => Promise<T>): (...given: A) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (...given) => {
    const key = JSON.stringify(given);
    const answer = answers.get(key) ?? ask(...given);
    answers.set(key, answer);
    answer.catch(() => answers.delete(key));
    return answer;
  };
}

/**
 * When a probe asks first, how often, and how long it takes to be believed. An answer of the
 * application comes at once; a program of the probe's own may take its whole time-out.
 */
function timing(probe: Probe): { firstSeconds: number; everySeconds: number; untilFailedSeconds: number } {
  const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3, timeoutSeconds = 1, exec } = probe;
  const everySeconds = exec ? Math.max(periodSeconds, timeoutSeconds) : periodSeconds;
  return { firstSeconds: initialDelaySeconds, everySeconds, untilFailedSeconds: everySeconds * failureThreshold };
}

function portNumber(port: number | string | object, ports: { name?: string; containerPort: number }[]): number {
  return ports.find(({ name }) => name === port)?.containerPort ?? Number(port);
}

/**
 * A probe of the very endpoint that says 503 when the application is not healthy needs no trial.
 */
function asksForHealth({ httpGet }: Probe, { ports = [] }: Container): boolean {
  return (
    httpGet !== undefined && !httpGet.host && httpGet.path === HEALTH.path && portNumber(httpGet.port, ports) === HEALTH.port
  );
}

/**
 * How long its container has run; for ever where it does not, as there is nothing to wait for then.
 */
function runsSinceMs(pod: Pod, nowMs: number): number {
  const started = pod.status.containerStatuses?.[0]?.state?.running?.startedAt;
  return started ? nowMs - Date.parse(started) : Infinity;
}

/** Never restarted, or not for a while. */
function isSteady(pod: Pod, container: string, nowMs: number, expected: { en: string; ko: string }): Verdict {
  const status = pod.status.containerStatuses?.find((one) => one.name === container);
  const restarts = status?.restartCount ?? 0;
  const times = { en: `restarted ${restarts} time${restarts === 1 ? "" : "s"}`, ko: `${restarts}회 재시작됨` };
  if (!status?.ready) {
    const waits = status?.state?.waiting?.reason ?? pod.status.phase ?? "";
    return failed(expected, { en: `it is not ready (${waits}), ${times.en}`, ko: `준비되지 않음(${waits}), ${times.ko}` });
  }
  if (restarts === 0 || runsSinceMs(pod, nowMs) >= STEADY_MS) return passed();
  return failed(expected, { en: `${times.en}, the last time a moment ago`, ko: `${times.ko}, 마지막 재시작은 조금 전` });
}
