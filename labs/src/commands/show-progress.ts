import type { Phase, Progress } from "../progress.ts";
import { plainLine } from "../plain-text.ts";
import type { Cli } from "./cli-context.ts";
import { duration } from "./table.ts";

const MARKS = { waiting: " ", running: "…", done: "✓", failed: "✗" } as const;

/** Where lines can't be redrawn, phases that take less are told of only when they are done. */
const LONG_MS = 3000;

/**
 * Shows progress on standard error: a line when a phase begins and one when it ends; on a terminal
 * the running ones are redrawn every second instead. Returns what ends it.
 */
export function showProgress(progress: Progress, cli: Pick<Cli, "say" | "live">): () => void {
  const told = new Map<string, Phase["state"]>();
  let running: Phase[] = [];
  let drawn = 0;
  const erase = () => {
    if (drawn > 0) process.stderr.write(`\x1b[${drawn}A\x1b[J`);
    drawn = 0;
  };
  const draw = () => {
    if (!cli.live) return;
    erase();
    running = progress.snapshot().filter((phase) => phase.state === "running");
    const width = process.stderr.columns ?? 80;
    for (const phase of running) process.stderr.write(`${describePhase(phase).slice(0, width - 1)}\n`);
    drawn = running.length;
  };
  const onChange = (phases: Phase[]) => {
    erase();
    for (const phase of phases) {
      if (told.get(phase.id) === phase.state) continue;
      told.set(phase.id, phase.state);
      const begins = phase.state === "running" && !cli.live && (phase.estimateMs ?? 0) >= LONG_MS;
      if (phase.state === "done" || phase.state === "failed" || begins) cli.say(describePhase(phase));
    }
    draw();
  };
  const unsubscribe = progress.subscribe(onChange);
  const timer = setInterval(draw, 1000);
  timer.unref();
  return () => {
    clearInterval(timer);
    unsubscribe();
    erase();
  };
}

/** `… Building Kubernetes (34.0 s of about 4 min 35 s): kubelet` */
export function describePhase(phase: Phase): string {
  // A script's output may be in it: the whole error is told at the end.
  const detail = phase.detail && phase.state !== "done" ? `: ${plainLine(phase.detail.split("\n")[0]!)}` : "";
  return `${MARKS[phase.state]} ${phase.title}${time(phase)}${detail}`;
}

function time({ state, elapsedMs, estimateMs }: Phase): string {
  if (state !== "running") return ` (${duration(elapsedMs)})`;
  const about = estimateMs === undefined ? "" : `about ${duration(estimateMs)}`;
  if (elapsedMs < 1000) return about && ` (${about})`;
  return about ? ` (${duration(elapsedMs)} of ${about})` : ` (${duration(elapsedMs)})`;
}
