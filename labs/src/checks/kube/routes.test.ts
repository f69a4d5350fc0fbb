import { describe, expect, it } from "vitest";
import { serviceInTransition } from "./routes.ts";
import type { EndpointSlice, Pod, Service } from "./types.ts";

const NOW = Date.parse("2026-11-21T10:00:00Z");
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();
const metadata = (name: string, secondsAgo: number, more: object = {}) => ({
  name,
  uid: `uid-${name}`,
  creationTimestamp: ago(300),
  managedFields: [{ time: ago(200) }, { time: ago(secondsAgo) }],
  ...more,
});
const service = (secondsAgo = 100, spec: object = { selector: { app: "web" } }) =>
  ({ metadata: metadata("web", secondsAgo), spec }) as unknown as Service;
const slice = (pods: string[], secondsAgo = 100, ready = true) =>
  ({
    metadata: metadata("web-x", secondsAgo, { labels: { "kubernetes.io/service-name": "web" } }),
    endpoints: pods.map((name) => ({ conditions: { ready }, targetRef: { uid: `uid-${name}` } })),
  }) as unknown as EndpointSlice;
const pod = (name: string, readySecondsAgo: number | undefined, more: object = {}) =>
  ({
    metadata: metadata(name, 100, { labels: { app: "web" }, ...more }),
    status: {
      podIP: "10.0.0.1",
      conditions: [
        {
          type: "Ready",
          status: readySecondsAgo === undefined ? "False" : "True",
          lastTransitionTime: ago(readySecondsAgo ?? 1),
        },
      ],
    },
  }) as unknown as Pod;

describe("serviceInTransition", () => {
  it.each<[string, Service, EndpointSlice[], Pod[], boolean]>([
    ["all pods are listed, for long", service(), [slice(["a"])], [pod("a", 90)], false],
    ["an EndpointSlice changed a moment ago", service(), [slice(["a"], 3)], [pod("a", 90)], true],
    ["the Service changed a moment ago", service(3), [slice(["a"])], [pod("a", 90)], true],
    ["a pod is ready and not listed yet", service(), [slice(["a"])], [pod("a", 90), pod("b", 2)], true],
    ["a pod is listed, but not as ready yet", service(), [slice(["a"], 100, false)], [pod("a", 2)], true],
    ["a ready pod has not been listed for long", service(), [slice(["a"])], [pod("a", 90), pod("b", 60)], false],
    ["a pod that is gone is still listed", service(), [slice(["a", "b"])], [pod("a", 90)], true],
    ["a pod that is being ended is still listed", service(), [slice(["a"])], [pod("a", 90, { deletionTimestamp: ago(1) })], true],
    ["a pod that is ready no longer is still listed", service(), [slice(["a"])], [pod("a", undefined)], true],
    ["no pod is ready, and none is listed", service(), [slice([])], [pod("a", undefined)], false],
    ["pods of another Service", service(), [slice([])], [pod("b", 2, { labels: { app: "db" } })], false],
    ["addresses by hand", service(100, {}), [slice(["a"])], [], false],
    ["no slices at all, as for a Service of another name", service(100, {}), [], [], false],
    [
      "addresses that are published unready",
      service(100, { selector: { app: "web" }, publishNotReadyAddresses: true }),
      [slice(["a"])],
      [pod("a", undefined)],
      false,
    ],
  ])("%s", (_name, one, slices, pods, expected) => expect(serviceInTransition(one, slices, pods, NOW)).toBe(expected));
});
