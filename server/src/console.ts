import type { Phase, Platform } from "./contract.ts";

export interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const seconds = (ms: number) =>
  ms < 60_000
    ? `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;

/**
 * Shows how the machine is prepared: a line for each phase that ends, and on a terminal one line,
 * overwritten, for what is under way.
 */
export function showPlatform(out: Terminal): (platform: Platform) => void {
  const told = new Set<string>();
  let state: Platform["state"] | undefined;
  let drawn = false;
  let startedAt = "";
  const line = (text: string) => {
    out.write(`${drawn ? "\r\x1b[K" : ""}${text}\n`);
    drawn = false;
  };
  return (platform) => {
    if (platform.startedAt !== startedAt) told.clear();
    startedAt = platform.startedAt;
    for (const phase of platform.phases) {
      const key = `${phase.id} ${phase.state}`;
      const over = phase.state === "done" || phase.state === "failed";
      if (told.has(key) || !(over || (phase.state === "running" && !out.isTTY))) continue;
      told.add(key);
      line(describe(phase));
    }
    const changed = platform.state !== state;
    state = platform.state;
    if (platform.state === "failed" && changed)
      line(`✗ ${platform.error?.message}. ${platform.error?.advice ?? ""} The page can try again.`);
    if (platform.state === "ready" && changed) line("✓ Ready");
    const running = platform.phases.filter((phase) => phase.state === "running");
    if (!out.isTTY || platform.state !== "preparing" || running.length === 0) return;
    const text = running
      .map(describe)
      .join("   ")
      .slice(0, (out.columns ?? 80) - 1);
    out.write(`\r\x1b[K${text}`);
    drawn = true;
  };
}

function describe(phase: Phase): string {
  const mark = { waiting: " ", running: "…", done: "✓", failed: "✗" }[phase.state];
  const estimate = phase.state === "running" && phase.estimateMs ? ` of about ${seconds(phase.estimateMs)}` : "";
  const time = phase.state === "running" && !estimate ? "" : ` (${seconds(phase.elapsedMs)}${estimate})`;
  const detail = phase.detail && phase.state !== "done" ? `: ${phase.detail.split("\n", 1)[0]}` : "";
  return `${mark} ${phase.title}${time}${detail}`;
}
