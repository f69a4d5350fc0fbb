import { describe, expect, it } from "vitest";
import { sameCommand } from "./commands.ts";
import { parseImage, sameImage } from "./images.ts";

const DIGEST = `sha256:${"0f".repeat(32)}`;

describe("parseImage", () => {
  it.each([
    ["nginx", { name: "docker.io/library/nginx", tag: "latest" }],
    ["nginx:1.27-alpine", { name: "docker.io/library/nginx", tag: "1.27-alpine" }],
    ["hashicorp/http-echo:1.0", { name: "docker.io/hashicorp/http-echo", tag: "1.0" }],
    ["docker.io/nginx", { name: "docker.io/library/nginx", tag: "latest" }],
    ["localhost/nginx", { name: "localhost/nginx", tag: "latest" }],
    ["registry.k8s.io/etcd:3.6.8-0", { name: "registry.k8s.io/etcd", tag: "3.6.8-0" }],
    ["localhost:5000/a/b", { name: "localhost:5000/a/b", tag: "latest" }],
    [`nginx@${DIGEST}`, { name: "docker.io/library/nginx", digest: DIGEST }],
    [`a.example:5000/nginx:2@${DIGEST}`, { name: "a.example:5000/nginx", tag: "2", digest: DIGEST }],
  ])("%s", (reference, parts) => expect(parseImage(reference)).toEqual(parts));
});

describe("sameImage", () => {
  it.each([
    ["nginx:1.27-alpine", "docker.io/library/nginx:1.27-alpine"],
    ["nginx:1.27-alpine", "docker.io/nginx:1.27-alpine"],
    ["nginx:1.27-alpine", "index.docker.io/library/nginx:1.27-alpine"],
    ["nginx:1.27-alpine", "library/nginx:1.27-alpine"],
    ["nginx", "nginx:latest"],
    [`nginx@${DIGEST}`, `docker.io/library/nginx:1.27-alpine@${DIGEST}`],
    [undefined, undefined],
  ])("%s is %s", (one, other) => {
    expect(sameImage(one, other)).toBe(true);
    expect(sameImage(other, one)).toBe(true);
  });

  it.each([
    ["nginx:1.27-alpine", "nginx:1.27"],
    ["nginx:1.27-alpine", "nginx"],
    ["nginx:1.27-alpine", "quay.io/library/nginx:1.27-alpine"],
    ["nginx:1.27-alpine", "bitnami/nginx:1.27-alpine"],
    ["nginx:1.27-alpine", "localhost/nginx:1.27-alpine"],
    ["nginx:1.27-alpine", `nginx:1.27-alpine@${DIGEST}`],
    [`nginx@${DIGEST}`, `nginx@sha256:${"1e".repeat(32)}`],
    ["nginx", undefined],
  ])("%s is not %s", (one, other) => {
    expect(sameImage(one, other)).toBe(false);
    expect(sameImage(other, one)).toBe(false);
  });
});

describe("sameCommand", () => {
  it.each([
    [
      ["sh", "-c", "sleep 2\nexec nginx\n"],
      ["sh", "-c", "sleep 2\nexec nginx"],
    ],
    [
      ["sh", "-c", "exec nginx\r\n"],
      ["sh", "-c", "exec nginx"],
    ],
    [undefined, []],
  ])("%j is %j", (one, other) => expect(sameCommand(one, other)).toBe(true));

  it.each([
    [
      ["sh", "-c", "sleep 2\nexec nginx"],
      ["sh", "-c", "exec nginx"],
    ],
    [
      ["sleep", "60"],
      ["sleep", "60", "60"],
    ],
    [["sleep", "60"], undefined],
    [
      ["sh", "-c", "\nexec nginx"],
      ["sh", "-c", " exec nginx"],
    ],
  ])("%j is not %j", (one, other) => expect(sameCommand(one, other)).toBe(false));
});
