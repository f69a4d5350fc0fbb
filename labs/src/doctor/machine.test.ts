import { expect, it } from "vitest";
import { judgeDisk, judgeMemory, judgeNode, judgeProxy } from "./machine.ts";

const GIB = 1024 ** 3;

it.each([
  ["20.18.3", "missing"],
  ["20.19.0", "ok"],
  ["18.99.0", "missing"],
  ["22.1.0", "ok"],
])("Node.js %s is %s", (version, state) => expect(judgeNode(version).state).toBe(state));

it.each([
  [2, "missing"],
  [8, "warning"],
  [40, "ok"],
])("%d GiB of free disk are %s", (size, state) => expect(judgeDisk(size * GIB).state).toBe(state));

it.each([
  [0.5, 1, "missing"],
  [1, 8, "warning"],
  [6, 8, "ok"],
])("%d of %d GiB of memory are %s", (available, total, state) =>
  expect(judgeMemory(available * GIB, total * GIB).state).toBe(state),
);

it("says what to do wherever something is not ok", () => {
  for (const finding of [judgeNode("18.0.0"), judgeDisk(0), judgeMemory(0, GIB)]) expect(finding.advice).toMatch(/\w/);
});

it("a proxy of the machine is told, with what it is used for", () => {
  expect(judgeProxy({ https_proxy: "http://user:secret@proxy.test", NO_PROXY: "" })).toEqual([
    { what: "Proxy", state: "ok", found: expect.stringMatching(/^https_proxy: .*nodes of sandboxes get none/) as string },
  ]);
  expect(judgeProxy({ GOPROXY: "off" })).toEqual([]);
});
