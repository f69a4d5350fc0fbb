import { expect, it } from "vitest";
import { labPath, parsePath } from "./route.ts";

it("knows the catalogue and the tasks, and nothing else", () => {
  expect(parsePath("/")).toEqual({ page: "catalogue" });
  expect(parsePath("/tasks/drain-node01")).toEqual({ page: "lab", slug: "drain-node01" });
  expect(parsePath("/tasks/drain-node01/")).toEqual({ page: "lab", slug: "drain-node01" });
  for (const path of ["/tasks", "/tasks/a/b", "/tasks/%2e%2e", "/tasks/UPPER", "/other"]) {
    expect(parsePath(path), path).toEqual({ page: "unknown" });
  }
});

it("reads back what it writes", () => {
  expect(parsePath(labPath("etcd-restore"))).toEqual({ page: "lab", slug: "etcd-restore" });
});
