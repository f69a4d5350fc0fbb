import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readBaseline, writeBaseline } from "./baseline.ts";
import { createBaseline, fileKey, objectKey } from "./baseline-record.ts";

const RATES = { apiVersion: "v1", kind: "ConfigMap", name: "rates", namespace: "ledger" };
const DIGEST = { sizeBytes: 3, sha256: "abc", last: "" };

test("what was noted down is read again, and what was not there is told from what was not asked for", async () => {
  const dir = mkdtempSync(join(tmpdir(), "drydock-baseline-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const path = join(dir, "baseline.json");
  expect(await readBaseline(path)).toBeUndefined();
  await writeBaseline(path, { files: { [fileKey("controlplane", "/a")]: DIGEST }, objects: { [objectKey(RATES)]: null } });
  const baseline = createBaseline(await readBaseline(path));
  expect(baseline.file("controlplane", "/a")).toEqual(DIGEST);
  expect(baseline.object(RATES)).toBeUndefined();
  expect(() => baseline.file("controlplane", "/b")).toThrow("does not name controlplane:/b");
  expect(() => baseline.object({ ...RATES, namespace: "default" })).toThrow("does not name");
});

test("a sandbox that was prepared without notes says what to do", () => {
  expect(() => createBaseline(undefined).file("controlplane", "/a")).toThrow("Reset it");
});
