import { type Attempt, type Catalogue, type Phase, type ScenarioDetail } from "@drydock/server/contract";

/**
 * What the pretended server knows. The domains are the curriculum's; the tasks are three of the
 * real ones, cut short.
 */

export const domains: Catalogue["domains"] = {
  storage: { weight: 10, title: { en: "Storage", ko: "스토리지" } },
  troubleshooting: { weight: 30, title: { en: "Troubleshooting", ko: "트러블슈팅" } },
  workloads: { weight: 15, title: { en: "Workloads and Scheduling", ko: "워크로드와 스케줄링" } },
  "cluster-architecture": {
    weight: 25,
    title: { en: "Cluster Architecture, Installation and Configuration", ko: "클러스터 아키텍처, 설치와 구성" },
  },
  networking: { weight: 20, title: { en: "Services and Networking", ko: "서비스와 네트워킹" } },
};

const drainTask = `Solve this task on: \`ssh controlplane\` (kubectl's context is already the right one)

\`node01\` is to be taken down for maintenance. Prepare it:

- no new pods are scheduled on \`node01\`;
- no pod is left on it but those of DaemonSets;
- the Deployment \`web\` in the namespace \`shop\` is fully available elsewhere.

The bare pod \`debug\` may be deleted. A page about it: [Safely Drain a Node](https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/).

\`\`\`bash
kubectl get pods -A -o wide --field-selector spec.nodeName=node01
\`\`\`
`;

const drainTaskKo = `이 과제를 풀 곳: \`ssh controlplane\` (kubectl 컨텍스트는 이미 맞춰져 있습니다)

\`node01\`을 점검하려고 내릴 예정입니다. 다음과 같이 준비하세요.

- \`node01\`에 새 파드가 스케줄되지 않습니다.
- DaemonSet의 파드 말고는 \`node01\`에 아무 파드도 남지 않습니다.
- 네임스페이스 \`shop\`의 디플로이먼트 \`web\`이 다른 노드에서 온전히 실행됩니다.

단독 파드 \`debug\`는 지워도 됩니다.

\`\`\`bash
kubectl get pods -A -o wide --field-selector spec.nodeName=node01
\`\`\`
`;

type Fixed = Omit<ScenarioDetail, "best" | "sessionId" | "previous" | "next">;

const drain: Fixed = {
  slug: "drain-node01",
  title: { en: "Prepare node01 for maintenance", ko: "node01 점검 준비하기" },
  domain: "cluster-architecture",
  difficulty: "easy",
  minutes: 6,
  points: 7,
  tags: ["nodes", "drain"],
  topology: "two-node",
  host: "controlplane",
  hosts: ["controlplane", "node01"],
  task: { en: drainTask, ko: drainTaskKo },
  checks: [
    { id: "cordoned", points: 2, title: { en: "node01 takes no new pods", ko: "node01에 새 파드가 오지 않는다" } },
    {
      id: "empty",
      points: 3,
      title: { en: "Only pods of DaemonSets are left on node01", ko: "node01에는 DaemonSet 파드만 남아 있다" },
    },
    {
      id: "available",
      points: 2,
      title: { en: "The Deployment web is fully available", ko: "디플로이먼트 web이 온전히 실행된다" },
    },
    { id: "daemonset", points: 0, title: { en: "The DaemonSet node-agent still runs on both nodes" } },
  ],
  hintCount: 3,
  docs: [{ title: "Safely Drain a Node", url: "https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/" }],
};

const liveness: Fixed = {
  ...drain,
  slug: "fix-liveness-probe",
  title: { en: "A pod that restarts for ever", ko: "끝없이 재시작하는 파드" },
  domain: "troubleshooting",
  difficulty: "medium",
  minutes: 8,
  tags: ["probes", "pods"],
  task: {
    en: "Solve this task on: `ssh controlplane`\n\nThe pod of the Deployment `api` restarts every minute. Find out why and **mend** it.\n",
  },
};

const staticPod: Fixed = {
  ...drain,
  slug: "static-pod",
  title: { en: "A static pod on node01", ko: "node01의 스태틱 파드" },
  domain: "workloads",
  difficulty: "hard",
  minutes: 9,
  host: "node01",
  tags: ["kubelet"],
  task: { en: "Solve this task on: `ssh node01`\n\nRun a static pod `cache` with the image `redis:7`.\n" },
};

/** What somebody might write into a task to take over the page. */
const hostile: Fixed = {
  ...drain,
  slug: "hostile",
  title: { en: "<img src=x onerror=window.hacked=1> A title", ko: "제목" },
  domain: "networking",
  tags: ["security"],
  task: {
    en: 'Solve this task on: `<img src=x onerror=window.hacked=1>`\n\n<script>window.hacked=1</script><img src=x onerror="window.hacked=1">\n\n[a](javascript:window.hacked=1) [b](data:text/html,x) `"><svg onload=window.hacked=1>`\n\n```html"><svg/onload=window.hacked=1>\n</code></pre><svg onload=window.hacked=1>\n```\n',
  },
};

export const scenarios: readonly Fixed[] = [liveness, drain, staticPod, hostile];

export const hints = [
  { en: "`kubectl drain` does two of the three things.", ko: "`kubectl drain`이 세 가지 중 두 가지를 해 줍니다." },
  { en: "It refuses because of a DaemonSet, of a pod with an emptyDir, and of a bare pod. Each has a flag of its own." },
  { en: "`kubectl drain --help` lists `--ignore-daemonsets`, `--delete-emptydir-data` and `--force`." },
];

export const solution = {
  en: "Drain the node; the flags say what may be lost:\n\n```bash\nkubectl drain node01 --ignore-daemonsets --delete-emptydir-data --force\n```\n\nThen see that nothing else is left:\n\n```bash\nkubectl get pods -A --field-selector spec.nodeName=node01\n```\n",
};

const passed = (check: Fixed["checks"][number]) => ({ ...check, outcome: "passed" as const, durationMs: 210 });

/**
 * The checks of an attempt, as the word given to the pretended server says: everything well, some
 * not, or not to be judged.
 */
export function judged(scenario: Fixed, verdict: Attempt["verdict"]): Attempt["checks"] {
  if (verdict === "passed") return scenario.checks.map(passed);
  const [first, second, third, ...rest] = scenario.checks;
  return [
    passed(first!),
    {
      ...second!,
      outcome: "failed",
      expected: { en: "no pods but those of DaemonSets", ko: "DaemonSet 파드 외에는 없음" },
      found: {
        en: "shop/web-6d4b75cb6d-4xk2p and shop/debug are still on node01",
        ko: "shop/web-6d4b75cb6d-4xk2p, shop/debug가 아직 node01에 있음",
      },
      durationMs: 340,
    },
    verdict === "error"
      ? { ...third!, outcome: "error", reason: "the API server did not answer within 10 s", durationMs: 10_000 }
      : passed(third!),
    ...rest.map(passed),
  ];
}

export const platformPhases: Phase[] = [
  { id: "engine", title: "Container engine", state: "done", elapsedMs: 21_300, estimateMs: 30_000, detail: "podman 4.3.1" },
  {
    id: "kubernetes-binaries",
    title: "Building Kubernetes",
    state: "running",
    elapsedMs: 74_000,
    estimateMs: 270_000,
    detail: "k8s.io/kubernetes/pkg/kubelet",
  },
  {
    id: "base-system",
    title: "Base system",
    state: "running",
    elapsedMs: 40_000,
    estimateMs: 90_000,
    detail: "Unpacking systemd",
  },
  { id: "node-image", title: "Assembling the node image", state: "waiting", elapsedMs: 0, estimateMs: 60_000 },
  { id: "first-sandbox", title: "First cluster", state: "waiting", elapsedMs: 0, estimateMs: 45_000 },
];

export const roomPhase: Phase = { id: "room", title: "Waiting for a free sandbox", state: "running", elapsedMs: 0 };

export const sessionPhases: Phase[] = [
  {
    id: "sandbox",
    title: "Making a cluster",
    state: "running",
    elapsedMs: 1_200,
    estimateMs: 38_000,
    detail: "Starting the control plane",
  },
  { id: "setup", title: "Preparing the task", state: "waiting", elapsedMs: 0, estimateMs: 6_000 },
];

export const setUpOutput = `namespace/shop created
deployment.apps/web created
Error from server (Forbidden): error when creating "STDIN": pods "debug" is forbidden: error looking up service account shop/default: serviceaccount "default" not found`;
