import {
  all,
  check,
  checks,
  expect,
  failed,
  KubeError,
  KubeUnreachable,
  passed,
  StateFailure,
  type KubeObject,
  type Pod,
  type Verdict,
} from "@drydock/labs/checks";

const NAMESPACE = "ledger";
const DATA_DIRECTORY = "/var/lib/etcd-restored";
const BEFORE = "/var/backups/etcd/before-migration.db";
const AFTER = "/var/backups/etcd/after-migration.db";
/** How etcd calls the object that only the migration made: it is in a snapshot taken after the migration, and in no other. */
const MARKER = `/registry/configmaps/${NAMESPACE}/migration-0042`;
const MANIFEST = "/etc/kubernetes/manifests/etcd.yaml";
/** After etcd was started anew its clients need a while: leases have to be won again, pods of the restored world to be started. */
const SETTLING_MS = 90_000;

/** `etcdctl snapshot save` ends a snapshot with the SHA-256 of all that comes before, so a file cut short, put together by hand or copied from the data directory is told from one. */
const CHECKSUM_BYTES = 32;
/** Of a data directory. */
const DATABASE = "member/snap/db";

export default checks(({ kube, host, eventually }) => {
  const controlplane = host("controlplane");
  const etcdPod = () => kube.pod("etcd-controlplane", "kube-system");
  /** How long ago things happened on the host: the API tells of a pod that it restored, too. All checks look together, once a second: a look takes processor time that the cluster needs to settle. */
  const lookAtHost = shared(1000, async () => {
    const [processes, snapshot, manifest] = await Promise.all([
      controlplane.processes("etcd"),
      controlplane.stat(BEFORE),
      controlplane.stat(MANIFEST),
    ]);
    return {
      etcdMs: processes.length ? Math.min(...processes.map(({ ageMs }) => ageMs)) : 0,
      snapshotMs: Math.max(snapshot?.createdAgeMs ?? 0, snapshot ? Date.now() - snapshot.modifiedAt.getTime() : Infinity),
      manifestMs: manifest?.changedAgeMs ?? Infinity,
    };
  });
  /** An etcd older than the snapshot that set-up took runs as it always did, however young the sandbox is; a manifest younger than etcd is about to be acted on. */
  const isSettling = async () => {
    const { etcdMs, snapshotMs, manifestMs } = await lookAtHost();
    const wasRestarted = etcdMs <= snapshotMs && etcdMs < SETTLING_MS;
    const willRestart = manifestMs < etcdMs && manifestMs < SETTLING_MS;
    return wasRestarted || willRestart || (await kube.inTransition());
  };
  /**
   * An API server that is down after this task is a failure of the task, not of the grader; but only where the host itself can be reached.
   */
  const whenAnswering = (judge: () => Promise<Verdict>) => async () => {
    const { ready, found } = await kube.health();
    if (ready) return judge();
    await lookAtHost();
    return failed({ en: "the API server is ready", ko: "API 서버가 준비된 상태" }, found);
  };
  const settled = { withinMs: SETTLING_MS, everyMs: 1000, converging: isSettling };
  const options = { timeoutMs: SETTLING_MS + 20_000 };

  /** The object as etcd has it now, and whether it is the one in the earlier snapshot: same uid, not one created anew under the same name. */
  const isFromSnapshot = async (object: KubeObject | undefined) => {
    const uid = object?.metadata.uid;
    return uid !== undefined && ((await controlplane.count(BEFORE, uid)) ?? 0) > 0;
  };

  const isBack = async (apiVersion: string, kind: string, name: string, ko: string) => {
    const expected = {
      en: `${kind} ${name} as it is in before-migration.db`,
      ko: `before-migration.db에 있는 그대로의 ${ko} ${name}`,
    };
    const object = await kube.get(apiVersion, kind, name, NAMESPACE);
    if (!object)
      return failed(expected, {
        en: `there is no ${kind} ${name} in ${NAMESPACE}`,
        ko: `${NAMESPACE}에 ${ko} ${name}이(가) 없음`,
      });
    return expect(await isFromSnapshot(object)).toBe(true, expected, {
      en: `a ${kind} ${name} that is not in the snapshot: it was created anew, or the snapshot file is gone`,
      ko: `스냅샷에 없는 ${ko} ${name}: 새로 생성되었거나 스냅샷 파일이 없음`,
    });
  };

  return [
    check("snapshot", async () => {
      const expected = {
        en: `${AFTER} is a complete snapshot of etcd as it was after the migration`,
        ko: `${AFTER}는 마이그레이션 이후 etcd의 온전한 스냅샷`,
      };
      const digest = await controlplane.digest(AFTER, { lastBytes: CHECKSUM_BYTES });
      if (!digest?.sizeBytes)
        return failed(expected, { en: "there is no such file, or it is empty", ko: "파일이 없거나 비어 있음" });
      return all(
        expect(digest.last).toBe(digest.sha256, expected, {
          en: "the file is not a complete etcd snapshot: its checksum is missing or wrong",
          ko: "온전한 etcd 스냅샷이 아님: 체크섬이 없거나 맞지 않음",
        }),
        expect((await controlplane.count(AFTER, MARKER)) ?? 0).toBeAtLeast(1, expected, {
          en: "a snapshot without the ConfigMap migration-0042, so of another time",
          ko: "컨피그맵 migration-0042가 없는, 다른 시점의 스냅샷",
        }),
      );
    }),

    check("data-directory", options, () =>
      eventually(
        whenAnswering(async () => {
          const expected = {
            en: `the static pod etcd has the database in ${DATA_DIRECTORY} open`,
            ko: `스태틱 파드 etcd가 ${DATA_DIRECTORY}에 있는 데이터베이스를 열고 있음`,
          };
          const pod = await etcdPod();
          if (!pod || !isStatic(pod))
            return failed(expected, {
              en: "there is no static pod etcd-controlplane in kube-system",
              ko: "kube-system에 스태틱 파드 etcd-controlplane이 없음",
            });
          const container = pod.status.containerStatuses?.find((one) => one.state?.running)?.containerID?.replace(/^.*:\/\//, "");
          if (!container)
            return failed(expected, {
              en: "the container of etcd-controlplane does not run",
              ko: "etcd-controlplane의 컨테이너가 실행되고 있지 않음",
            });
          const [folder, database] = await Promise.all([
            controlplane.stat(DATA_DIRECTORY),
            controlplane.stat(`${DATA_DIRECTORY}/${DATABASE}`),
          ]);
          // A link to another folder is no new directory.
          if (!database || folder?.isLink)
            return failed(expected, {
              en: `${DATA_DIRECTORY} holds no etcd database`,
              ko: `${DATA_DIRECTORY}에 etcd 데이터베이스가 없음`,
            });
          const open = (await controlplane.openFiles(container)).filter(({ path }) => path.endsWith(`/${DATABASE}`));
          return expect(open.map(({ id }) => id)).toContain(database.id, expected, {
            en: "etcd runs with another data directory",
            ko: "etcd가 다른 데이터 디렉터리로 실행 중",
          });
        }),
        settled,
      ),
    ),

    check("restored", options, () =>
      eventually(
        whenAnswering(() =>
          all(
            () => isBack("apps/v1", "Deployment", "accounts", "디플로이먼트"),
            () => isBack("v1", "ConfigMap", "rates", "컨피그맵"),
            async () => {
              const marker = await kube.configMap("migration-0042", NAMESPACE);
              if (!marker) return passed();
              return failed(
                { en: "no ConfigMap migration-0042", ko: "컨피그맵 migration-0042가 없음" },
                { en: "it is still there", ko: "아직 남아 있음" },
              );
            },
          ),
        ),
        settled,
      ),
    ),

    // Lists are answered from the API server's memory, single objects from etcd: both have to tell the same, and every part of the control plane has to act on it.
    check("working", { ...options, after: ["restored"] }, () =>
      eventually(
        whenAnswering(async () => {
          const running = { en: "Deployment accounts has 2 pods that run", ko: "디플로이먼트 accounts의 파드 2개가 실행됨" };
          const [deployments, deployment] = await Promise.all([
            kube.list("apps/v1", "Deployment", { namespace: NAMESPACE }),
            kube.deployment("accounts", NAMESPACE),
          ]);
          const { availableReplicas: available = 0 } = deployment?.status ?? {};
          return all(
            expect(deployments.length).toBe(
              1,
              { en: "the API server lists Deployment accounts", ko: "API 서버의 목록에 디플로이먼트 accounts가 있음" },
              {
                en: "its list lacks it: it still answers from before the restore",
                ko: "목록에 없음: API 서버가 아직 복원 전의 상태로 응답함",
              },
            ),
            expect(available).toBe(2, running, { en: `${available} available`, ko: `사용 가능한 파드 ${available}개` }),
            () => expectNewPodToRun(),
          );
        }),
        settled,
      ),
    ),
  ];

  /** A namespace, its service account, a pod: that takes the API server, the controller manager, the scheduler and the kubelet. */
  async function expectNewPodToRun() {
    const expected = { en: "a new pod gets scheduled and runs", ko: "새 파드가 스케줄되어 실행됨" };
    const last = await kube
      .withProbeNamespace(async (namespace) => {
        const container = { name: "probe", image: "nginx:1.27-alpine", imagePullPolicy: "IfNotPresent" };
        await kube.create({
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "probe", namespace },
          spec: { terminationGracePeriodSeconds: 0, containers: [container] },
        });
        const runs = await kube.waitFor(async () => (await kube.pod("probe", namespace))?.status.phase === "Running", {
          withinMs: 20_000,
          everyMs: 150,
        });
        return runs ? undefined : await kube.pod("probe", namespace);
      })
      .catch((error: Error) => {
        if (error instanceof KubeError || error instanceof KubeUnreachable || error instanceof StateFailure) throw error;
        return error;
      });
    if (!last) return passed();
    if (last instanceof Error)
      return failed(expected, {
        en: "no pod can be made: a new namespace gets no service account",
        ko: "파드를 만들 수 없음: 새 네임스페이스에 서비스어카운트가 생성되지 않음",
      });
    return failed(
      expected,
      last.spec.nodeName
        ? { en: "it was scheduled but did not start", ko: "스케줄되었지만 시작되지 않음" }
        : { en: "it was not scheduled", ko: "스케줄되지 않음" },
    );
  }
});

/** Asks for all who want to know at most once in so many milliseconds. */
function shared<T>(everyMs: number, ask: () => Promise<T>): () => Promise<T> {
  let last: { at: number; answer: Promise<T> } | undefined;
  return () => {
    if (!last || Date.now() - last.at >= everyMs) last = { at: Date.now(), answer: ask() };
    return last.answer;
  };
}

function isStatic(pod: Pod): boolean {
  const { annotations, ownerReferences } = pod.metadata;
  return (
    annotations?.["kubernetes.io/config.source"] === "file" &&
    annotations["kubernetes.io/config.mirror"] !== undefined &&
    ownerReferences?.[0]?.kind === "Node"
  );
}
