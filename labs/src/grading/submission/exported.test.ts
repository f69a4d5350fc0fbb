import { expect, it } from "vitest";
import { withoutServerFields } from "./exported.ts";

it("takes off what only a server sets, and leaves the rest as it is written", () => {
  const text = `# exported
apiVersion: v1
kind: Service
metadata:
  name: web # its name
  uid: 1-2
  resourceVersion: "42"
  creationTimestamp: 2026-01-01T00:00:00Z
  ownerReferences: [{ kind: X, name: x, uid: "1", apiVersion: v1 }]
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {"a": 1}
    mode: 0644
spec:
  clusterIP: 10.96.0.9
  clusterIPs: [10.96.0.9]
  flag: yes
  empty:
status:
  loadBalancer: {}
---
kind: ConfigMap
`;
  const { text: applied, stripped } = withoutServerFields(text);
  expect(applied).toBe(`# exported
apiVersion: v1
kind: Service
metadata:
  name: web # its name
  annotations:
    mode: 0644
spec:
  flag: yes
  empty:
---
kind: ConfigMap
`);
  expect(stripped).toContain("metadata.uid");
  expect(stripped).toContain("spec.clusterIP");
});

it("does so in a List, and in JSON", () => {
  const list = { kind: "List", items: [{ kind: "Pod", metadata: { name: "a", uid: "1" }, status: { phase: "Running" } }] };
  expect(JSON.parse(withoutServerFields(JSON.stringify(list, undefined, 2)).text)).toEqual({
    kind: "List",
    items: [{ kind: "Pod", metadata: { name: "a" } }],
  });
});

it.each([
  ["nothing to take off, odd spacing", "kind:   ConfigMap\ndata: {a:   'b'}\n"],
  ["an address asked for by hand", "kind: Service\nmetadata: {name: a}\nspec: {clusterIP: 10.96.0.9}\n"],
  ["no YAML at all", "a: [\nstatus: x"],
  ["no objects", "- 1\n--- \ntext\n"],
  ["nothing", ""],
])("leaves %s as it is", (_, text) => expect(withoutServerFields(text)).toEqual({ text, stripped: [] }));
