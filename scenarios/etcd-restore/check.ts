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
  type Verdict,
} from "@drydock/labs/checks";

const NAMESPACE = "ledger";
const DATA_DIRECTORY = "/var/lib/etcd-restored";
const BEFORE = "/var/backups/etcd/before-migration.db";
const AFTER = "/var/backups/etcd/after-migration.db";
/** How etcd calls the object that only the migration made. */
const MARKER = `/registry/configmaps/${NAMESPACE}/migration-0042`;
const ACCOUNTS = `/registry/deployments/${NAMESPACE}/accounts`;
const RATES = `/registry/configmaps/${NAMESPACE}/rates`;
/** An object of before the migration that nothing changes afterwards. */
const KUBE_SYSTEM = "/registry/namespaces/kube-system";
const MANIFEST = "/etc/kubernetes/manifests/etcd.yaml";
/**
 * After etcd was started anew its clients need a while: leases have to be won again, pods of the
 * restored world to be started.
 */
const SETTLING_MS = 90_000;

const NOTHING = Buffer.alloc(0);
const NOT_THERE = { en: "it does not exist", ko: "존재하지 않음" };
const NOT_TWO = { en: "another number of replicas is asked for", ko: "요청한 레플리카의 수가 다름" };
const CONTROLLERS = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];

/** Of a data directory. */
const DATABASE = "member/snap/db";

export default checks(({ kube, host, runtime, rollouts, baseline, eventually }) => {
  const controlplane = host("controlplane");
  /**
   * The container of a static pod of the control plane, with its program, of whose name the kernel
   * knows 15 characters: of the host's processes, as a status in the API may be that of before the
   * restore.
   */
  const controlPlanePart = async (name: string) =>
    (await runtime.staticPod("controlplane", name, "kube-system")).find(
      (one) => one.name === name && one.programs.includes(name.slice(0, 15)),
    );
  /**
   * How long ago things happened on the host: the API tells of a pod that it restored, too. All
   * checks look together, once a second: a look takes processor time that the cluster needs to
   * settle.
   */
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
  /**
   * An etcd older than the snapshot that set-up took runs as it always did, however young the
   * sandbox is; a manifest younger than etcd is about to be acted on.
   */
  const isSettling = async () => {
    const { etcdMs, snapshotMs, manifestMs } = await lookAtHost();
    const wasRestarted = etcdMs <= snapshotMs && etcdMs < SETTLING_MS;
    const willRestart = manifestMs < etcdMs && manifestMs < SETTLING_MS;
    return wasRestarted || willRestart || (await kube.inTransition());
  };
  /**
   * An API server that is down after this task is a failure of the task, not of the grader; but
   * only where the host itself can be reached.
   */
  const whenAnswering = (judge: () => Promise<Verdict>) => async () => {
    const { ready, found } = await kube.health();
    if (ready) return judge();
    await lookAtHost();
    return failed({ en: "the API server is ready", ko: "API 서버가 준비된 상태" }, found);
  };
  const settled = { withinMs: SETTLING_MS, everyMs: 1000, converging: isSettling };
  const options = { timeoutMs: SETTLING_MS + 20_000 };

  /**
   * The earlier snapshot, opened, or undefined where it is not the file of the beginning any more.
   */
  const before = shared(10_000, async () => {
    const [snapshot, digest] = await Promise.all([
      controlplane.etcdSnapshot(BEFORE, [ACCOUNTS, RATES, KUBE_SYSTEM]),
      controlplane.digest(BEFORE),
    ]);
    return digest?.sha256 === baseline.file("controlplane", BEFORE)?.sha256 ? snapshot : undefined;
  });

  /**
   * The object as etcd has it now is the one in the earlier snapshot: same uid, not one created
   * anew under the same name.
   */
  const isBack = async (apiVersion: string, kind: string, name: string, ko: string, key: string) => {
    const expected = {
      en: `${kind} ${name} as it is in before-migration.db`,
      ko: `before-migration.db에 있는 그대로의 ${ko} ${name}`,
    };
    const [object, snapshot] = await Promise.all([kube.get(apiVersion, kind, name, NAMESPACE), before()]);
    if (!snapshot)
      return failed(expected, {
        en: `${BEFORE} is gone, or another file than at the beginning`,
        ko: `${BEFORE}이(가) 없거나 처음의 파일이 아님`,
      });
    if (!object)
      return failed(expected, {
        en: `there is no ${kind} ${name} in ${NAMESPACE}`,
        ko: `${NAMESPACE}에 ${ko} ${name}이(가) 없음`,
      });
    return expect(holds(snapshot.values.get(key), object.metadata.uid)).toBe(true, expected, {
      en: `a ${kind} ${name} that is not in the snapshot: it was created anew`,
      ko: `스냅샷에 없는 ${ko} ${name}: 새로 생성됨`,
    });
  };

  return [
    check("snapshot", async () => {
      const expected = {
        en: `${AFTER} is a complete snapshot of etcd as it was after the migration`,
        ko: `${AFTER}는 마이그레이션 이후 etcd의 온전한 스냅샷`,
      };
      const [snapshot, earlier] = await Promise.all([controlplane.etcdSnapshot(AFTER, [MARKER, KUBE_SYSTEM]), before()]);
      if (!snapshot) return failed(expected, { en: "there is no such file", ko: "파일이 없음" });
      if (!snapshot.valid)
        return failed(expected, {
          en: `the file is no complete etcd snapshot: ${snapshot.problem}`,
          ko: `온전한 etcd 스냅샷이 아님: ${snapshot.problem}`,
        });
      const migration = baseline.object({ apiVersion: "v1", kind: "ConfigMap", name: "migration-0042", namespace: NAMESPACE });
      const cluster = earlier?.values.get(KUBE_SYSTEM);
      return all(
        expect(holds(snapshot.values.get(MARKER), migration?.metadata.uid)).toBe(true, expected, {
          en: "a snapshot without the ConfigMap migration-0042 of the migration, so of another time",
          ko: "마이그레이션이 만든 컨피그맵 migration-0042가 없는, 다른 시점의 스냅샷",
        }),
        expect(
          !earlier || (cluster?.equals(snapshot.values.get(KUBE_SYSTEM) ?? NOTHING) && snapshot.revision > earlier.revision),
        ).toBe(true, expected, {
          en: "a snapshot of another cluster, or of an earlier time",
          ko: "다른 클러스터나 더 이른 시점의 스냅샷",
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
          const etcd = await controlPlanePart("etcd");
          if (!etcd)
            return failed(expected, {
              en: "no static pod etcd runs on controlplane",
              ko: "controlplane에서 스태틱 파드 etcd가 실행되고 있지 않음",
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
          const open = (await controlplane.openFiles(etcd.id)).filter(({ path }) => path.endsWith(`/${DATABASE}`));
          return all(
            expect(open.map(({ id }) => id)).toContain(database.id, expected, {
              en: "etcd runs with another data directory",
              ko: "etcd가 다른 데이터 디렉터리로 실행 중",
            }),
            // The old database under the new name still has its history in it.
            async () =>
              expect(await controlplane.count(`${DATA_DIRECTORY}/${DATABASE}`, MARKER)).toBe(0, expected, {
                en: "a database in which the migration took place: it is not restored from before-migration.db",
                ko: "마이그레이션이 수행된 데이터베이스: before-migration.db에서 복원된 것이 아님",
              }),
            () => expectApiServerToUse(`${DATA_DIRECTORY}/${DATABASE}`),
          );
        }),
        settled,
      ),
    ),

    check("restored", options, () =>
      eventually(
        whenAnswering(() =>
          all(
            () => isBack("apps/v1", "Deployment", "accounts", "디플로이먼트", ACCOUNTS),
            () => isBack("v1", "ConfigMap", "rates", "컨피그맵", RATES),
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

    // Lists are answered from the API server's memory, single objects from etcd: both have to tell
    // the same, and every part of the control plane has to act on it.
    check("working", { ...options, after: ["restored"] }, () =>
      eventually(
        whenAnswering(async () => {
          const running = { en: "Deployment accounts has 2 pods that run", ko: "디플로이먼트 accounts의 파드 2개가 실행됨" };
          const [deployments, deployment] = await Promise.all([
            kube.list("apps/v1", "Deployment", { namespace: NAMESPACE }),
            kube.deployment("accounts", NAMESPACE),
          ]);
          const missing = (await Promise.all(CONTROLLERS.map(controlPlanePart))).indexOf(undefined);
          return all(
            expect(deployments.length).toBe(
              1,
              { en: "the API server lists Deployment accounts", ko: "API 서버의 목록에 디플로이먼트 accounts가 있음" },
              {
                en: "its list lacks it: it still answers from before the restore",
                ko: "목록에 없음: API 서버가 아직 복원 전의 상태로 응답함",
              },
            ),
            async () => {
              const why = deployment ? await rollouts.whyNotRolledOut(deployment) : NOT_THERE;
              return why || deployment?.spec.replicas !== 2 ? failed(running, why ?? NOT_TWO) : passed();
            },
            expect(CONTROLLERS[missing]).toBe(
              undefined,
              { en: "every part of the control plane runs", ko: "컨트롤 플레인의 모든 구성 요소가 실행됨" },
              { en: `${CONTROLLERS[missing]} does not run`, ko: `${CONTROLLERS[missing]}이(가) 실행되고 있지 않음` },
            ),
            () => expectNewPodToRun(),
          );
        }),
        settled,
      ),
    ),
  ];

  /**
   * What the API server is told to keep has to be found in the database: etcd writes it down within
   * 100 ms.
   */
  async function expectApiServerToUse(database: string) {
    const isWritten = await kube.withProbeNamespace((namespace) =>
      kube.waitFor(async () => ((await controlplane.count(database, namespace)) ?? 0) > 0, { withinMs: 5000 }),
    );
    if (isWritten) return passed();
    return failed(
      { en: "the API server keeps its objects in this etcd", ko: "API 서버가 이 etcd에 오브젝트를 저장함" },
      { en: "a new object is not in its database", ko: "새 오브젝트가 이 데이터베이스에 없음" },
    );
  }

  /**
   * A namespace, its service account, a pod: that takes the API server, the controller manager, the
   * scheduler and the kubelet.
   */
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

/**
 * Whether a stored object holds a text: Kubernetes writes them as protobuf, in which texts stand as
 * they are.
 */
function holds(stored: Buffer | undefined, text: string | undefined): boolean {
  return stored !== undefined && text !== undefined && stored.includes(text);
}
