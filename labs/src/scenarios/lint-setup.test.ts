import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lintSetups } from "./lint-setup.ts";

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "drydock-setup-"))));
afterEach(() => rmSync(dir, { recursive: true }));

const lint = (...lines: string[]) => {
  const file = join(dir, "setup.sh");
  writeFileSync(file, ["#!/bin/bash", ...lines, ""].join("\n"));
  return lintSetups({ setups: { controlplane: file } }).map(({ line, message }) => `${line}: ${message}`);
};
const POD = ["kubectl apply -f - <<'YAML'", "apiVersion: v1", "kind: Pod", "metadata: {name: web, namespace: shop}", "YAML"];
const NAMESPACE = "kubectl create namespace shop --dry-run=client -o yaml | kubectl apply -f -";
const ACCOUNT = "kubectl -n shop wait --for=create serviceaccount/default --timeout=60s";

describe("the lint of set-up scripts", () => {
  it.each<[string, string[], string]>([
    ["a bare pod in a new namespace", [NAMESPACE, ...POD], "5: creates a bare pod before the service account"],
    ["a pod that is run in a new namespace", [NAMESPACE, "kubectl -n shop run web --image=nginx"], "3: creates a bare pod"],
    [
      "a wait for what labels match",
      ["kubectl wait --for=condition=Ready pod -l app=web --timeout=60s"],
      "2: `kubectl wait` by labels",
    ],
    [
      "a wait for what nothing has made",
      ["kubectl wait --for=condition=Ready pod/web --timeout=60s"],
      "2: waits for web, which may not exist",
    ],
    [
      "a rollout without a limit",
      ["kubectl -n shop rollout status deployment/web"],
      "2: `kubectl rollout status` without --timeout",
    ],
    ["a deletion without a limit", ["kubectl -n shop delete pod web"], "2: `kubectl delete` without --timeout"],
    ["a request without a limit", ["curl -fsS http://127.0.0.1/"], "2: `curl` without a time limit"],
    ["a fixed sleep", ["kubectl get nodes", "sleep 5"], "3: sleeps for a fixed time"],
    ["a fixed sleep at the end of a line", ["true; sleep 5"], "2: sleeps for a fixed time"],
    ["a fixed sleep after a loop", ["for _ in 1 2; do", "  true", "done", "sleep 5"], "5: sleeps for a fixed time"],
    [
      "a look straight after a change",
      ["kubectl -n shop scale deployment web --replicas=3", "pods=$(kubectl -n shop get pods -o name)"],
      "3: reads straight after a change",
    ],
    ["a look straight after a manifest", [...POD, "kubectl -n shop get pod web -o json"], "7: reads straight after a change"],
  ])("tells of %s", (_what, lines, problem) => {
    expect(lint(...lines)).toEqual([expect.stringMatching(new RegExp(`^${problem.replace(/[`()]/g, "\\$&")}`))]);
  });

  it.each<[string, string[]]>([
    ["a bare pod after its service account", [NAMESPACE, ACCOUNT, ...POD]],
    ["a bare pod in a namespace that is there", POD],
    ["a wait for what was made before", [...POD, "kubectl wait --for=condition=Ready pod/web --timeout=60s"]],
    ["a wait until something is made, or gone", [ACCOUNT, "kubectl wait --for=delete pod -l app=web --timeout=60s"]],
    ["a pause between two tries", ["for _ in $(seq 60); do", "  kubectl get nodes && break", "  sleep 1", "done"]],
    ["a pause between two tries on one line", ["until kubectl get nodes; do sleep 1; done"]],
    ["a pause in a program that is put somewhere", ["cat >/usr/local/bin/slow <<'EOF'", "sleep 5", "EOF"]],
    [
      "a pause in a command of a manifest",
      ["kubectl patch deployment web --patch '", '  command: [sh, -c, "', "sleep 5", '"]', "'"],
    ],
    [
      "a look that is repeated",
      ["kubectl scale deployment web --replicas=3", "until kubectl get pods -o name | grep web; do sleep 1; done"],
    ],
    ["what its author allows", ["# The clock has to move on. lint: allow", "sleep 5"]],
    ["a deletion that is not waited for", ["kubectl delete pod web --wait=false"]],
  ])("allows %s", (_what, lines) => expect(lint(...lines)).toEqual([]));
});
