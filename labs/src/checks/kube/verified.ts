import { StateFailure, type TextLike } from "../verdict.ts";
import { describeChange, findChanges, type Change } from "./changes.ts";
import type { Objects } from "./objects.ts";
import { KubeError } from "./transport.ts";
import type { KubeObject, Manifest } from "./types.ts";

/** Namespaces that checks make for objects of their own begin with this. */
export const PROBE_PREFIX = "drydock-probe-";

export interface VerifiedObjects {
  /**
   * As the objects that were handed in; what is created or applied is held against the API server's
   * answer.
   * @throws StateFailure where they differ
   */
  objects: Objects;
  /**
   * Holds what was created in a probe namespace against what is there now: the objects that are
   * still there, and the pods that Deployments made of their templates.
   * @throws StateFailure where they differ, or where a pod is there that was not asked for
   */
  verify(namespace: string): Promise<void>;
}

const EXPECTED: TextLike = {
  en: "the cluster creates objects as they are asked for",
  ko: "클러스터가 오브젝트를 요청한 그대로 생성함",
};

/**
 * An admission policy or a controller of the learner's can change what the grader creates; then it
 * is not the learner's work that is tried.
 */
export function createVerifiedObjects(objects: Objects): VerifiedObjects {
  const created = new Map<string, Manifest[]>();
  const of = (namespace: string) => created.get(namespace) ?? [];

  const make = async (how: "create" | "apply", manifest: Manifest): Promise<KubeObject> => {
    const { kind, metadata } = manifest;
    const namespace = metadata.namespace ?? "";
    const isProbe = (kind === "Namespace" ? metadata.name : namespace).startsWith(PROBE_PREFIX);
    // The pods of what is about to be replaced are gone when the namespace is verified at its end.
    if (of(namespace).some((one) => one.kind === "Deployment" && isSame(one, manifest))) await verify(namespace);
    const got = await objects[how](manifest).catch((error: unknown) => {
      throw isProbe && isRefusal(error) ? refused(error as KubeError) : error;
    });
    judge(manifest, got);
    if (namespace.startsWith(PROBE_PREFIX)) created.set(namespace, [...of(namespace), manifest]);
    return got;
  };

  const verify = async (namespace: string): Promise<void> => {
    const manifests = of(namespace);
    const latest = manifests.filter((one, at) => !manifests.slice(at + 1).some((later) => isSame(one, later)));
    const [there, pods, replicaSets] = await Promise.all([
      Promise.all(latest.map(({ apiVersion, kind, metadata }) => objects.get(apiVersion, kind, metadata.name, namespace))),
      objects.list("v1", "Pod", { namespace }),
      objects.list("apps/v1", "ReplicaSet", { namespace }),
    ]);
    latest.forEach((manifest, at) => there[at] && judge(manifest, there[at]));
    const templates = manifests
      .filter(({ kind }) => kind === "Deployment")
      .map(({ spec }) => asPod((spec as { template: object }).template));
    for (const pod of pods) {
      const owner = ownerOf(pod);
      const self = { kind: "Pod", name: pod.metadata.name };
      const isOurs = manifests.some(({ kind, metadata }) =>
        [self, owner].some((one) => one?.kind === kind && one.name === metadata.name),
      );
      if (isOurs) continue;
      const replicaSet = replicaSets.find(({ metadata }) => owner !== undefined && metadata.uid === owner.uid);
      const made = withoutHash(pod);
      const changes = templates.map((template) => findChanges(template, made));
      const closest = changes.sort((a, b) => a.length - b.length)[0];
      if (!replicaSet || !closest) throw fail(pod, { en: "it was not asked for", ko: "요청하지 않은 파드" });
      if (closest.length > 0) throw fail(pod, inWords(closest));
    }
  };
  return {
    objects: { ...objects, create: (manifest) => make("create", manifest), apply: (manifest) => make("apply", manifest) },
    verify,
  };
}

function judge(asked: Manifest, got: KubeObject): void {
  const changes = findChanges(asked, got);
  if (changes.length > 0) throw fail(asked, inWords(changes));
}

function fail({ kind, metadata }: Pick<KubeObject, "kind" | "metadata">, how: { en: string; ko: string }): StateFailure {
  const name = `${kind ?? "Pod"} ${metadata.name}`;
  return new StateFailure(EXPECTED, {
    en: `this cluster changes what is created: ${name}: ${how.en}`,
    ko: `이 클러스터는 생성되는 오브젝트를 변경함: ${name}: ${how.ko}`,
  });
}

function inWords(changes: readonly Change[]): { en: string; ko: string } {
  const some = changes.slice(0, 3).map(describeChange);
  return { en: some.map(({ en }) => en).join(", "), ko: some.map(({ ko }) => ko).join(", ") };
}

/**
 * By admission, which is the cluster's own doing. A quota answers 403; a policy or a webhook
 * answers with a status of its author's choice, so only the API server's own words tell it from an
 * object that is not valid.
 */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  const isDenied = error.status < 500 && /\bdenied (the )?request\b/.test(error.message);
  const isBroken = error.status === 500 && error.message.includes("webhook");
  return error.status === 403 || isDenied || isBroken;
}

function refused(error: KubeError): StateFailure {
  return new StateFailure(EXPECTED, {
    en: `this cluster refuses what is created: ${error.message}`,
    ko: `이 클러스터는 오브젝트의 생성을 거부함: ${error.message}`,
  });
}

function isSame(one: Manifest, other: Manifest): boolean {
  return (
    one.kind === other.kind && one.metadata.name === other.metadata.name && one.metadata.namespace === other.metadata.namespace
  );
}

interface Owner {
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
}

function ownerOf({ metadata }: KubeObject): Owner | undefined {
  return ((metadata.ownerReferences ?? []) as Owner[]).find(({ controller }) => controller);
}

/** A pod template as the pod that it asks for. */
function asPod(template: object): Manifest {
  return { ...(template as Pick<Manifest, "metadata">), apiVersion: "v1", kind: "Pod" };
}

/** The Deployment controller tells its ReplicaSets apart by this label. */
function withoutHash(pod: KubeObject): KubeObject {
  const labels = { ...pod.metadata.labels };
  delete labels["pod-template-hash"];
  return { ...pod, kind: "Pod", metadata: { ...pod.metadata, labels } };
}
