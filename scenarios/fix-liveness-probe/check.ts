import { all, check, checks, expect, failed, passed, type Deployment, type Pod, type Verdict } from "@drydock/labs/checks";

const NAMESPACE = "lighthouse";
const HEALTH = { port: 8080, path: "/healthz" };
/** A container that has run for so long without a restart has survived the probe. */
const STEADY_MS = 12_000;
const IN_TIME_SECONDS = 60;

type Container = NonNullable<Deployment["spec"]["template"]["spec"]>["containers"][number];
type Probe = NonNullable<Container["livenessProbe"]>;

export default checks(({ kube, net, eventually }) => {
  const container = async () =>
    (await kube.deployment("beacon", NAMESPACE))?.spec.template.spec?.containers.find((one) => one.name === "beacon");

  /** The Deployment's pods; those of an older version are on their way out. */
  const pods = () => kube.pods({ namespace: NAMESPACE, labels: { app: "beacon" } });

  /** What the kubelet would find by an HTTP probe of the pod now; passed for a probe of another kind. */
  const isAnswered = async (probe: Probe, { ports = [] }: Container, pod: Pod): Promise<Verdict> => {
    const { httpGet } = probe;
    if (!httpGet) return passed();
    const port = portNumber(httpGet.port, ports);
    const address = httpGet.host ?? pod.status.podIP;
    const url = `${(httpGet.scheme ?? "HTTP").toLowerCase()}://${address}:${port}${httpGet.path ?? "/"}`;
    const headers = Object.fromEntries((httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value]));
    const { answered, status } = await net.request("controlplane", url, { headers });
    return expect(answered && status >= 200 && status < 400).toBe(
      true,
      { en: "the application answers the liveness probe", ko: "애플리케이션이 활성 프로브에 응답함" },
      answered
        ? {
            en: `it answers ${httpGet.path ?? "/"} on port ${port} with status ${status}`,
            ko: `포트 ${port}의 ${httpGet.path ?? "/"}에 상태 코드 ${status}로 응답함`,
          }
        : { en: `nothing answers on port ${port}`, ko: `포트 ${port}에서 아무것도 응답하지 않음` },
    );
  };

  /**
   * Whether the kubelet notices, by this probe, an application that is not healthy: it is given a copy in a namespace of the grader's, unhealthy from its start,
   * with the probe asked at once and every second.
   */
  const isUnhealthNoticed = (template: Container, probe: Probe): Promise<boolean> =>
    kube.withProbeNamespace(async (namespace) => {
      const config = { name: "beacon" };
      await kube.create({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { ...config, namespace },
        data: { "default.conf": UNHEALTHY },
      });
      const copy = {
        name: "beacon",
        image: "nginx:1.27-alpine",
        ports: template.ports,
        livenessProbe: {
          ...probe,
          initialDelaySeconds: 0,
          periodSeconds: 1,
          failureThreshold: 1,
          timeoutSeconds: Math.min(probe.timeoutSeconds ?? 1, 3),
        },
        volumeMounts: [{ name: "conf", mountPath: "/etc/nginx/conf.d" }],
      };
      const spec = { terminationGracePeriodSeconds: 0, containers: [copy], volumes: [{ name: "conf", configMap: config }] };
      await kube.create({ apiVersion: "v1", kind: "Pod", metadata: { name: "unhealthy", namespace }, spec });
      const noticed = await kube.waitFor(
        async () =>
          (await kube.events({ namespace })).some(
            ({ reason, message }) => reason === "Unhealthy" && message?.startsWith("Liveness probe"),
          ),
        { withinMs: 8000 },
      );
      return noticed === true;
    });

  /** The probe is answered, and only time can tell whether the restarts are over. */
  let isWarmingUp = false;

  return [
    check("steady", { timeoutMs: 45_000 }, () =>
      eventually(
        async () => {
          const expected = {
            en: "one pod of beacon that runs and is not restarted",
            ko: "재시작되지 않고 실행 중인 beacon의 파드 1개",
          };
          const [deployment, found] = await Promise.all([kube.deployment("beacon", NAMESPACE), pods()]);
          const template = deployment?.spec.template.spec?.containers.find((one) => one.name === "beacon");
          if (!deployment || !template)
            return failed(expected, {
              en: "there is no Deployment beacon with a container beacon",
              ko: "컨테이너 beacon이 있는 디플로이먼트 beacon이 없음",
            });
          const [pod, ...others] = found;
          isWarmingUp = false;
          if (!pod || others.length > 0) return failed(expected, { en: `${found.length} pods`, ko: `파드 ${found.length}개` });
          const health = await net.request("controlplane", `http://${pod.status.podIP}:${HEALTH.port}${HEALTH.path}`);
          return all(
            () => (template.livenessProbe ? isAnswered(template.livenessProbe, template, pod) : passed()),
            () => {
              isWarmingUp = runsSinceMs(pod, kube.now()) < STEADY_MS;
              return isSteady(pod, kube.now(), expected);
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
          );
        },
        { withinMs: 30_000, converging: async () => isWarmingUp || kube.inTransition(NAMESPACE) },
      ),
    ),

    check("probe", async () => {
      const expected = {
        en: "a liveness probe that succeeds while the application is healthy and fails when it is not",
        ko: "애플리케이션이 정상이면 성공하고 비정상이면 실패하는 활성 프로브",
      };
      const template = await container();
      const probe = template?.livenessProbe;
      if (!template || !probe)
        return failed(expected, { en: "the container beacon has no liveness probe", ko: "컨테이너 beacon에 활성 프로브가 없음" });
      const pod = (await pods()).find((one) => one.status.podIP);
      if (!pod) return failed(expected, { en: "beacon has no pod", ko: "beacon의 파드가 없음" });
      return all(
        () => isAnswered(probe, template, pod),
        async () =>
          expect(asksForHealth(probe, template) || (await isUnhealthNoticed(template, probe))).toBe(true, expected, {
            en: "the probe succeeds even when the application is not healthy",
            ko: "애플리케이션이 비정상이어도 프로브가 성공함",
          }),
      );
    }),

    check("in-time", { after: ["probe"] }, async () => {
      const {
        initialDelaySeconds = 0,
        periodSeconds = 10,
        failureThreshold = 3,
        timeoutSeconds = 1,
      } = (await container())?.livenessProbe ?? {};
      const worst = initialDelaySeconds + periodSeconds * failureThreshold + timeoutSeconds;
      return expect(worst).toBeAtMost(
        IN_TIME_SECONDS,
        { en: "an unhealthy application is noticed within 60 seconds", ko: "비정상인 애플리케이션을 60초 안에 알아챔" },
        { en: `it can take ${worst} seconds`, ko: `최대 ${worst}초가 걸릴 수 있음` },
      );
    }),
  ];
});

/** The configuration of set-up, for an application that is never healthy. */
const UNHEALTHY = `
server {
  listen 8080;
  default_type text/plain;
  location = /healthz { return 503 "unhealthy\\n"; }
  location = / { return 200 "beacon\\n"; }
  location / { return 404; }
}`;

function portNumber(port: number | string | object, ports: { name?: string; containerPort: number }[]): number {
  return ports.find(({ name }) => name === port)?.containerPort ?? Number(port);
}

/** A probe of the very endpoint that says 503 when the application is not healthy needs no trial. */
function asksForHealth({ httpGet }: Probe, { ports = [] }: Container): boolean {
  return (
    httpGet !== undefined && !httpGet.host && httpGet.path === HEALTH.path && portNumber(httpGet.port, ports) === HEALTH.port
  );
}

/** How long its container has run; for ever where it does not, as there is nothing to wait for then. */
function runsSinceMs(pod: Pod, nowMs: number): number {
  const started = pod.status.containerStatuses?.[0]?.state?.running?.startedAt;
  return started ? nowMs - Date.parse(started) : Infinity;
}

/** Never restarted, or not for a while. */
function isSteady(pod: Pod, nowMs: number, expected: { en: string; ko: string }): Verdict {
  const status = pod.status.containerStatuses?.find((one) => one.name === "beacon");
  const restarts = status?.restartCount ?? 0;
  const times = { en: `restarted ${restarts} time${restarts === 1 ? "" : "s"}`, ko: `${restarts}회 재시작됨` };
  if (!status?.ready) {
    const waits = status?.state?.waiting?.reason ?? pod.status.phase ?? "";
    return failed(expected, { en: `it is not ready (${waits}), ${times.en}`, ko: `준비되지 않음(${waits}), ${times.ko}` });
  }
  if (restarts === 0 || runsSinceMs(pod, nowMs) >= STEADY_MS) return passed();
  return failed(expected, { en: `${times.en}, the last time a moment ago`, ko: `${times.ko}, 마지막 재시작은 조금 전` });
}
