import { expect, test } from "vitest";
import { showPlatform } from "./console.ts";
import type { Phase, Platform } from "./contract.ts";

const phase = (change: Partial<Phase>): Phase => ({
  id: "k8s",
  title: "Building Kubernetes",
  state: "running",
  elapsedMs: 65_000,
  estimateMs: 270_000,
  ...change,
});
const platform = (change: Partial<Platform>): Platform => ({
  state: "preparing",
  phases: [],
  startedAt: "1",
  version: "1",
  ...change,
});

test("without a terminal each change of a phase is one line", () => {
  let text = "";
  const show = showPlatform({ write: (more) => (text += more) });
  show(platform({ phases: [phase({})] }));
  show(platform({ phases: [phase({ detail: "kubelet" })] }));
  show(platform({ state: "ready", phases: [phase({ state: "done", elapsedMs: 270_000 })] }));
  expect(text).toBe("… Building Kubernetes (1 min 5 s of about 4 min 30 s)\n✓ Building Kubernetes (4 min 30 s)\n✓ Ready\n");
});

test("on a terminal what runs is one line that is overwritten", () => {
  let text = "";
  const show = showPlatform({ write: (more) => (text += more), isTTY: true, columns: 40 });
  show(platform({ phases: [phase({ detail: "kubelet" })] }));
  expect(text).toBe("\r\x1b[K… Building Kubernetes (1 min 5 s of abo");
  text = "";
  const error = { code: "image.failed", message: "It broke", advice: "Mend it." };
  show(platform({ state: "failed", error, phases: [phase({ state: "failed", detail: "exit status 1" })] }));
  expect(text).toBe("\r\x1b[K✗ Building Kubernetes (1 min 5 s): exit status 1\n✗ It broke. Mend it. The page can try again.\n");
});
