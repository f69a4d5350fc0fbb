import { expect, it } from "vitest";
import { Progress } from "../progress.ts";
import { describePhase, showProgress } from "./show-progress.ts";

it("words a phase with the time it takes and the estimate while it runs", () => {
  const phase = {
    id: "a",
    title: "Building Kubernetes",
    state: "running",
    elapsedMs: 34_000,
    estimateMs: 275_000,
    detail: "kubelet",
  } as const;
  expect(describePhase(phase)).toBe("… Building Kubernetes (34.0 s of about 4 min 35 s): kubelet");
  expect(describePhase({ ...phase, elapsedMs: 0 })).toBe("… Building Kubernetes (about 4 min 35 s): kubelet");
  expect(describePhase({ ...phase, state: "done" })).toBe("✓ Building Kubernetes (34.0 s)");
  expect(describePhase({ ...phase, state: "failed", detail: "no space" })).toBe("✗ Building Kubernetes (34.0 s): no space");
});

it("tells each phase once when it begins, if it is long, and once when it ends", async () => {
  const lines: string[] = [];
  const progress = new Progress([], () => 0);
  const stop = showProgress(progress, { live: false, say: (line) => lines.push(line ?? "") });
  await progress.phase({ id: "short", title: "Short", estimateMs: 100 }, async (report) => report("one"));
  await progress.phase({ id: "long", title: "Long", estimateMs: 60_000 }, async (report) => ["one", "two"].forEach(report));
  await progress.phase({ id: "bad", title: "Bad" }, () => Promise.reject(new Error("no"))).catch(() => undefined);
  stop();
  await progress.phase({ id: "late", title: "Late" }, async () => undefined);
  expect(lines).toEqual(["✓ Short (0.0 s)", "… Long (about 1 min 0 s)", "✓ Long (0.0 s)", "✗ Bad (0.0 s): no"]);
});
