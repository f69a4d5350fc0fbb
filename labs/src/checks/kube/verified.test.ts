import { describe, expect, it } from "vitest";
import { KubeError } from "./transport.ts";
import type { KubeObject, Manifest } from "./types.ts";
import { createVerifiedObjects, PROBE_PREFIX } from "./verified.ts";

const NAMESPACE = `${PROBE_PREFIX}1`;
const container = { name: "web", image: "nginx" };
const pod = (name: string): Manifest => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: NAMESPACE },
  spec: { containers: [container] },
});
const deployment = (version: string): Manifest => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: NAMESPACE },
  spec: {
    replicas: 1,
    template: { metadata: { labels: { app: "web" }, annotations: { version } }, spec: { containers: [container] } },
  },
});

/**
 * A cluster in memory that keeps what it is sent, after `admit` has had its way with it, and makes
 * a pod for each version of a Deployment.
 */
function cluster(admit: (object: KubeObject) => void = () => undefined) {
  const there: KubeObject[] = [];
  const add = async (manifest: Manifest): Promise<KubeObject> => {
    const object = structuredClone(manifest) as KubeObject;
    admit(object);
    const at = there.findIndex(({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name);
    if (at >= 0) there.splice(at, 1);
    there.push(object);
    if (object.kind === "Deployment") await roll(object);
    return object;
  };
  const roll = async ({ spec }: KubeObject) => {
    const { version } = spec.template.metadata.annotations;
    there.splice(0, there.length, ...there.filter(({ metadata }) => !metadata.generateName));
    there.push({ apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: `web-${version}`, uid: `uid-${version}` } });
    await add({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        ...spec.template.metadata,
        name: `web-${version}-x`,
        generateName: `web-${version}-`,
        labels: { ...spec.template.metadata.labels, "pod-template-hash": version },
        ownerReferences: [{ kind: "ReplicaSet", uid: `uid-${version}`, controller: true }],
      },
      spec: spec.template.spec,
    });
  };
  const verified = createVerifiedObjects({
    get: async (_version, kind, name) => there.find((one) => one.kind === kind && one.metadata.name === name),
    // As the API server does, without the kind of each.
    list: async (_version, kind) => there.filter((one) => one.kind === kind).map((one) => ({ ...one, kind: undefined as never })),
    create: add,
    apply: add,
    remove: async () => undefined,
  });
  return { there, ...verified };
}

const addHook = ({ spec }: KubeObject) => (spec.containers[0].lifecycle = { preStop: { sleep: { seconds: 5 } } });
const found = (words: RegExp) =>
  expect.objectContaining({
    verdict: expect.objectContaining({ found: expect.objectContaining({ en: expect.stringMatching(words) }) }),
  });

describe("objects that checks create", () => {
  it("are as asked for in a cluster that keeps what it is sent", async () => {
    const { objects, verify } = cluster();
    await objects.create(pod("probe"));
    await objects.apply(deployment("1"));
    await objects.apply(deployment("2"));
    await expect(verify(NAMESPACE)).resolves.toBeUndefined();
  });

  it("fail the state where admission changes them", async () => {
    const { objects } = cluster((object) => object.kind === "Pod" && addHook(object));
    await expect(objects.create(pod("probe"))).rejects.toEqual(
      found(/^this cluster changes what is created: Pod probe: spec\.containers\[0\]\.lifecycle was added$/),
    );
  });

  it("fail the state where the pods of a Deployment are not those of its template", async () => {
    const { objects, verify } = cluster((object) => object.kind === "Pod" && addHook(object));
    await objects.apply(deployment("1"));
    await expect(verify(NAMESPACE)).rejects.toEqual(found(/Pod web-1-x: spec\.containers\[0\]\.lifecycle was added/));
  });

  it("fail the state where that held for the pods before a rollout", async () => {
    const { objects } = cluster((object) => object.metadata.name === "web-1-x" && addHook(object));
    await objects.apply(deployment("1"));
    await expect(objects.apply(deployment("2"))).rejects.toEqual(found(/Pod web-1-x/));
  });

  it("fail the state where they are changed after they were created", async () => {
    const { objects, there, verify } = cluster();
    await objects.apply(deployment("1"));
    addHook(there.find(({ kind }) => kind === "Deployment")!.spec.template);
    await expect(verify(NAMESPACE)).rejects.toEqual(
      found(/Deployment web: spec\.template\.spec\.containers\[0\]\.lifecycle was added/),
    );
  });

  it("fail the state where a pod is there that was not asked for", async () => {
    const { objects, there, verify } = cluster();
    await objects.create(pod("probe"));
    there.push(pod("intruder") as KubeObject);
    await expect(verify(NAMESPACE)).rejects.toEqual(found(/Pod intruder: it was not asked for/));
  });

  it.each<[string, number, string]>([
    ["a quota", 403, 'pods "probe" is forbidden: exceeded quota: no-pods'],
    ["a policy", 422, "pods \"probe\" is forbidden: ValidatingAdmissionPolicy 'no-pods' denied request: only here"],
    ["a webhook", 400, 'admission webhook "no-pods.example" denied the request: no'],
    ["a webhook that is not there", 500, 'failed calling webhook "no-pods.example": connection refused'],
  ])("fail the state where %s refuses them, but not in the learner's own namespaces", async (_what, status, said) => {
    const { objects } = cluster(() => {
      throw new KubeError("POST /x", status, "", said);
    });
    await expect(objects.create(pod("probe"))).rejects.toEqual(found(/refuses what is created: .*no-pods/));
    const learners = { ...pod("probe"), metadata: { name: "probe", namespace: "shop" } };
    await expect(objects.create(learners)).rejects.toBeInstanceOf(KubeError);
  });

  it("leave unjudged what the API server calls invalid, or what went wrong in it", async () => {
    for (const [status, said] of [
      [422, 'Pod "probe" is invalid: spec.containers: Required value'],
      [500, "etcdserver: request timed out"],
    ] as const) {
      const { objects } = cluster(() => {
        throw new KubeError("POST /x", status, "", said);
      });
      await expect(objects.create(pod("probe"))).rejects.toBeInstanceOf(KubeError);
    }
  });

  it("are not missed when they are gone", async () => {
    const { objects, there, verify } = cluster();
    await objects.create(pod("probe"));
    there.length = 0;
    await expect(verify(NAMESPACE)).resolves.toBeUndefined();
  });
});
