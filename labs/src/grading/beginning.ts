import { writeBaseline } from "../checks/baseline.ts";
import { type BaselineRecord, fileKey, objectKey } from "../checks/baseline-record.ts";
import { createHost } from "../checks/host.ts";
import { readClusterAccess } from "../checks/kubeconfig.ts";
import { createKube, type Kube } from "../checks/kube/kube.ts";
import { DrydockError } from "../errors.ts";
import type { Sandbox } from "../sandbox/provider.ts";
import type { Scenario } from "../scenarios/schema.ts";

export type BegunSandbox = Pick<Sandbox, "id" | "hosts" | "exec" | "observe" | "kubeconfigPath" | "baselinePath">;
/**
 * How long a visitor waits for an answer: an overloaded machine is slow, a request that has nowhere
 * to go is refused at once.
 */
const PATIENCE_MS = 10_000;

type Begun = Pick<Scenario, "slug" | "baseline" | "traffic">;

/**
 * Notes down, outside of the sandbox, what the scenario's checks compare with later, and has the
 * observer begin its requests. The last step of set-up; a second set-up begins both anew.
 * @throws DrydockError `setup.baseline`, `setup.traffic`, `observer.*`
 */
export async function recordBeginning(scenario: Begun, sandbox: BegunSandbox): Promise<void> {
  const { baseline, traffic } = scenario;
  if (baseline.files.length + baseline.objects.length + traffic.length === 0) return;
  const { kube, close } = createKube(await readClusterAccess(sandbox.kubeconfigPath));
  try {
    await writeBaseline(sandbox.baselinePath, await takeBaseline(scenario, sandbox, kube));
    for (const one of traffic) await startTraffic(one, scenario.slug, sandbox, kube);
  } finally {
    close();
  }
}

async function takeBaseline({ baseline }: Begun, sandbox: BegunSandbox, kube: Kube): Promise<BaselineRecord> {
  const record: BaselineRecord = { files: {}, objects: {} };
  for (const { host, path } of baseline.files) {
    const digest = await createHost(host, sandbox.observe, sandbox.exec).digest(path);
    record.files[fileKey(host, path)] = digest ?? null;
  }
  for (const name of baseline.objects) {
    const object = await kube.get(name.apiVersion, name.kind, name.name, name.namespace);
    record.objects[objectKey(name)] = object ?? null;
  }
  return record;
}

async function startTraffic(
  { name, service, port, path, everyMs }: Begun["traffic"][number],
  slug: string,
  sandbox: BegunSandbox,
  kube: Kube,
): Promise<void> {
  const [namespace, serviceName] = service.split("/") as [string, string];
  const found = await kube.service(serviceName, namespace);
  const address = found?.spec.clusterIP;
  if (!address || address === "None") {
    throw new DrydockError(
      "setup.traffic",
      `${slug} asks for requests to the Service ${service}, which has no cluster address after set-up`,
    );
  }
  const url = `http://${address}:${port ?? found.spec.ports?.[0]?.port ?? 80}${path}`;
  await sandbox.observe(sandbox.hosts[0]!, {
    ask: "traffic-start",
    sandbox: sandbox.id,
    name,
    url,
    everyMs,
    timeoutMs: PATIENCE_MS,
  });
}
