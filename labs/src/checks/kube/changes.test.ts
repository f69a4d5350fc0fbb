import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { describeChange, findChanges } from "./changes.ts";
import type { KubeObject } from "./types.ts";

/**
 * What a Kubernetes 1.36 was asked for and what it answered; a Deployment and a pod of it as they
 * were a moment later.
 */
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, "../../../../test/fixtures/kube/created.json"), "utf8")) as {
  created: { asked: KubeObject; got: KubeObject }[];
  deployment: KubeObject;
  pod: KubeObject;
};
const named = (name: string) => structuredClone(recorded.created.find(({ asked }) => asked.metadata.name === name)!);
const changes = (asked: KubeObject, got: KubeObject) => findChanges(asked, got).map((one) => describeChange(one).en);

describe("findChanges", () => {
  it.each(recorded.created.map(({ asked, got }) => [`${asked.kind} ${asked.metadata.name}`, asked, got] as const))(
    "takes the defaults of an API server for no change: %s",
    (_name, asked, got) => expect(changes(asked, got)).toEqual([]),
  );

  it("takes what a controller notes in a Deployment for no change", () => {
    expect(changes(named("web").asked, recorded.deployment)).toEqual([]);
  });

  it("takes priorities by a PriorityClass that is the default, and labels of the node, for no change", () => {
    const { asked, got } = named("plain");
    Object.assign(got.spec, { priority: 100, priorityClassName: "usual", preemptionPolicy: "Never", nodeName: "node01" });
    got.metadata.labels = { "topology.kubernetes.io/zone": "a" };
    expect(changes(asked, got)).toEqual([]);
  });

  it("takes the same quantity in other words for no change", () => {
    const { asked, got } = named("plain");
    asked.spec.containers[0].resources = { limits: { cpu: "1000m", memory: "1Gi" } };
    got.spec.containers[0].resources = { limits: { cpu: "1", memory: "1024Mi" }, requests: { cpu: "1", memory: "1Gi" } };
    expect(changes(asked, got)).toEqual([]);
    got.spec.containers[0].resources.limits.cpu = "2";
    expect(changes(asked, got)).toEqual(["spec.containers[0].resources.limits.cpu was changed"]);
  });

  const preStop = { preStop: { sleep: { seconds: 5 } } };
  it.each<[string, string, (got: KubeObject) => void, string]>([
    ["a hook", "plain", ({ spec }) => (spec.containers[0].lifecycle = preStop), "spec.containers[0].lifecycle was added"],
    [
      "a hook in a template",
      "web",
      ({ spec }) => (spec.template.spec.containers[0].lifecycle.postStart = { exec: { command: ["true"] } }),
      "spec.template.spec.containers[0].lifecycle.postStart was added",
    ],
    [
      "a longer hook",
      "web",
      ({ spec }) => (spec.template.spec.containers[0].lifecycle.preStop.sleep.seconds = 9),
      "spec.template.spec.containers[0].lifecycle.preStop.sleep.seconds was changed",
    ],
    [
      "a hook taken away",
      "web",
      ({ spec }) => delete spec.template.spec.containers[0].lifecycle,
      "spec.template.spec.containers[0].lifecycle was removed",
    ],
    [
      "a probe",
      "plain",
      ({ spec }) => (spec.containers[0].readinessProbe = { tcpSocket: { port: 80 }, timeoutSeconds: 1 }),
      "spec.containers[0].readinessProbe was added",
    ],
    ["another image", "plain", ({ spec }) => (spec.containers[0].image = "x"), "spec.containers[0].image was changed"],
    ["a sidecar", "plain", ({ spec }) => spec.containers.push({ name: "x", image: "x" }), "spec.containers[1] was added"],
    ["an init container", "plain", ({ spec }) => (spec.initContainers = [{ name: "x" }]), "spec.initContainers[0] was added"],
    ["a volume", "plain", ({ spec }) => spec.volumes.push({ name: "x", hostPath: { path: "/" } }), "spec.volumes[1] was added"],
    [
      "a mount under the token's name",
      "plain",
      ({ spec }) => spec.containers[0].volumeMounts.push({ name: "kube-api-access-abcde", mountPath: "/etc" }),
      "spec.containers[0].volumeMounts[1] was added",
    ],
    ["a toleration", "plain", ({ spec }) => spec.tolerations.push({ operator: "Exists" }), "spec.tolerations[2] was added"],
    [
      "a grace period that is not the default",
      "web",
      ({ spec }) => (spec.template.spec.terminationGracePeriodSeconds = 60),
      "spec.template.spec.terminationGracePeriodSeconds was added",
    ],
    [
      "a grace period of 0 that was not kept",
      "plain",
      ({ spec }) => (spec.terminationGracePeriodSeconds = 30),
      "spec.terminationGracePeriodSeconds was changed",
    ],
    [
      "fewer arguments",
      "rich",
      ({ spec }) => spec.initContainers[1].command.pop(),
      "spec.initContainers[1].command[1] was removed",
    ],
    ["more replicas", "web", ({ spec }) => (spec.replicas = 2), "spec.replicas was changed"],
    ["a label", "rich", ({ metadata }) => (metadata.labels!.team = "x"), "metadata.labels.team was added"],
    ["a label taken away", "rich", ({ metadata }) => delete metadata.labels, "metadata.labels was removed"],
    ["a configuration", "c", (got) => (got.data.b = "x"), "data.b was added"],
  ])("tells of %s", (_what, name, edit, change) => {
    const { asked, got } = named(name);
    edit(got);
    expect(changes(asked, got)).toEqual([change]);
  });

  it("tells no additions in kinds whose defaults are not known, but all that was not kept", () => {
    const asked: KubeObject = { apiVersion: "x/v1", kind: "Sail", metadata: { name: "a" }, spec: { area: 4 } };
    expect(changes(asked, { ...asked, spec: { area: 4, colour: "red" } })).toEqual([]);
    expect(changes(asked, { ...asked, spec: { area: 5 } })).toEqual(["spec.area was changed"]);
  });
});
