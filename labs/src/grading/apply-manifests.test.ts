import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { tryRun } from "../process.ts";

/**
 * A kubectl that knows of one dependency: what needs a namespace fails as long as none was applied.
 * `never` is refused for ever.
 */
const KUBECTL = `#!/bin/bash
echo "$*" >>"$CALLS"
text=$(cat "$3" 2>/dev/null)
case $text in
  namespace) touch "$CALLS.namespace" ;;
  needs-namespace) [ -e "$CALLS.namespace" ] || { echo "namespaces not found" >&2; exit 1; } ;;
  never) echo "this is refused" >&2; exit 1 ;;
esac
echo "$3 applied"
`;

async function apply(steps: string[], files: Record<string, string>) {
  const dir = mkdtempSync(join(tmpdir(), "drydock-apply-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, "run/submission"), { recursive: true });
  mkdirSync(join(dir, "bin"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, "run/submission", name), text);
  writeFileSync(join(dir, "run/steps"), steps.map((step) => `${step}\n`).join(""));
  writeFileSync(join(dir, "bin/kubectl"), KUBECTL);
  chmodSync(join(dir, "bin/kubectl"), 0o755);
  copyFileSync(join(import.meta.dirname, "apply-manifests.sh"), join(dir, "run/script.sh"));
  const env = { PATH: `${join(dir, "bin")}:${process.env["PATH"]}`, CALLS: join(dir, "calls") };
  const result = await tryRun("bash", [join(dir, "run/script.sh")], { env });
  return { ...result, calls: readFileSync(join(dir, "calls"), "utf8").trim().split("\n") };
}

it("applies files and kustomizations in the order given", async () => {
  const { exitCode, calls } = await apply(["file b c.yaml", "kustomization sub", "file a.yaml"], {
    "b c.yaml": "",
    "a.yaml": "",
  });
  expect(exitCode).toBe(0);
  expect(calls).toEqual(["apply -f ./b c.yaml", "apply -k ./sub", "apply -f ./a.yaml"]);
});

it("tries again at the end what needs an object that comes later", async () => {
  const files = { "1.yaml": "needs-namespace", "2.yaml": "namespace" };
  const { exitCode, stdout, stderr, calls } = await apply(["file 1.yaml", "file 2.yaml"], files);
  expect(exitCode).toBe(0);
  expect(calls).toEqual(["apply -f ./1.yaml", "apply -f ./2.yaml", "apply -f ./1.yaml"]);
  expect(stdout).toBe("./2.yaml applied\n./1.yaml applied\n1.yaml: applied at the second try or later\n");
  expect(stderr).toBe("");
});

it("says of each that is left what kubectl said of it last, once", async () => {
  const { exitCode, stdout, stderr } = await apply(["file 1.yaml", "file 2.yaml"], { "1.yaml": "never", "2.yaml": "" });
  expect(exitCode).toBe(1);
  expect(stdout).toBe("./2.yaml applied\n");
  expect(stderr).toBe("1.yaml: could not be applied:\nthis is refused\n");
});
