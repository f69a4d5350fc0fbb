import type { Text } from "../scenarios/schema.ts";
import type { Check } from "./define.ts";
import { KubeError, KubeUnreachable } from "./kube/transport.ts";
import type { Judgement } from "./protocol.ts";
import { StateFailure, type Verdict } from "./verdict.ts";

/** A checker's text is shown to people: this is as much of one as anybody reads. */
const MAX_TEXT = 2000;

export type OnJudged = (id: string, judgement: Judgement, durationMs: number) => void;

/**
 * Judges all checks and tells of each as it is done. Those marked `alone` come last, one by one;
 * the others run side by side. A check with `after` waits for those it names: one that failed fails
 * it too, in words that say which one it was and why; one that could not be judged leaves it
 * unjudged.
 */
export async function judgeAll(checks: readonly Check[], defaultTimeoutMs: number, onJudged: OnJudged): Promise<void> {
  const judgements = new Map<string, Promise<Settled>>();
  const start = (check: Check) => {
    const judging = judgeInOrder(check);
    judgements.set(check.id, judging);
    return judging;
  };
  const judgeInOrder = async (check: Check): Promise<Settled> => {
    await Promise.resolve(); // So that all are known before the first looks for those it comes after.
    const startedAt = performance.now();
    const blocker = await findBlocker(check);
    const judgement = blocker ? blockedBy(blocker) : await judgeOne(check, defaultTimeoutMs);
    onJudged(check.id, judgement, Math.round(performance.now() - startedAt));
    return blocker ?? { id: check.id, judgement };
  };
  /** Of those that come first, the one that has not passed. */
  const findBlocker = async (check: Check): Promise<Settled | undefined> => {
    for (const id of check.after ?? []) {
      const before = await judgements.get(id);
      if (before && before.judgement.outcome !== "passed") return before;
    }
    return undefined;
  };
  await Promise.all(checks.filter((check) => !check.alone).map(start));
  for (const check of checks.filter((one) => one.alone)) await start(check);
}

/** How a check came out; for one that was not judged for the sake of another, that other one. */
interface Settled {
  id: string;
  judgement: Judgement;
}

/** The judgement of a check that comes after one that has not passed. */
function blockedBy({ id, judgement }: Settled): Judgement {
  if (judgement.outcome !== "failed")
    return { outcome: "error", reason: `The check ${id}, which comes first, could not be judged` };
  const { expected, found } = judgement;
  return {
    outcome: "failed",
    expected: cut({ en: `first of all (check ${id}): ${expected.en}`, ko: `먼저(${id} 항목): ${expected.ko ?? expected.en}` }),
    found: cut({
      en: `not judged, because ${id} has not passed: ${found.en}`,
      ko: `${id} 항목이 통과하지 못해 판정하지 않음: ${found.ko ?? found.en}`,
    }),
  };
}

/**
 * Problems in how checks name each other; they are the author's, found by `drydock lint` and when
 * checks are run.
 */
export function findOrderProblem(checks: readonly Check[]): string | undefined {
  const known = new Map<string, Check>();
  for (const check of checks) {
    if (known.has(check.id)) return `The check ${check.id} is defined twice`;
    for (const id of check.after ?? []) {
      const before = known.get(id);
      if (!before) return `The check ${check.id} comes after ${id}, which is not defined before it`;
      if (before.alone && !check.alone) return `The check ${check.id} comes after ${id}, which runs alone: it must run alone too`;
    }
    known.set(check.id, check);
  }
  return undefined;
}

/** The longest that {@link judgeAll} can take when every check keeps its limit. */
export function longestMs(checks: readonly Check[], defaultTimeoutMs: number): number {
  const limitMs = (check: Check) => check.timeoutMs ?? defaultTimeoutMs;
  const endsMs = new Map<string, number>();
  for (const check of checks.filter((one) => !one.alone)) {
    const startsMs = Math.max(0, ...(check.after ?? []).map((id) => endsMs.get(id) ?? 0));
    endsMs.set(check.id, startsMs + limitMs(check));
  }
  const alone = checks.filter((check) => check.alone).map(limitMs);
  return Math.max(0, ...endsMs.values()) + alone.reduce((sum, one) => sum + one, 0);
}

async function judgeOne(check: Check, defaultTimeoutMs: number): Promise<Judgement> {
  const timeoutMs = check.timeoutMs ?? defaultTimeoutMs;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Judgement>((resolve) => {
    timer = setTimeout(() => resolve({ outcome: "error", reason: `It took longer than ${timeoutMs / 1000} s` }), timeoutMs);
  });
  try {
    return await Promise.race([late, Promise.resolve().then(check.judge).then(toJudgement)]);
  } catch (error) {
    if (error instanceof StateFailure) return toJudgement(error.verdict);
    return { outcome: "error", reason: describeThrown(error).slice(0, MAX_TEXT) };
  } finally {
    clearTimeout(timer);
  }
}

function toJudgement(verdict: Verdict): Judgement {
  if (verdict?.outcome === "passed") return { outcome: "passed" };
  if (verdict?.outcome === "failed") return { outcome: "failed", expected: cut(verdict.expected), found: cut(verdict.found) };
  return { outcome: "error", reason: "The check answered no verdict: it must return passed(), failed() or expect()" };
}

/**
 * What a check threw, as a sentence. A stack is the author's: it says nothing to whoever reads a
 * report.
 */
export function describeThrown(error: unknown): string {
  if (error instanceof KubeUnreachable) return `The API server does not answer (${(error.cause as Error).message})`;
  if (error instanceof KubeError) return `The API server refused a request of the grader: ${error.message}`;
  const said = error instanceof Error ? error.message || error.name : String(error);
  return said.replace(/(\n\s+at .*)+/g, "").trim() || "It ended with an error that has no words";
}

function cut(text: Text): Text {
  const short = (one: string) => (one.length > MAX_TEXT ? `${one.slice(0, MAX_TEXT)}…` : one || "–");
  return text.ko === undefined ? { en: short(text.en) } : { en: short(text.en), ko: short(text.ko) };
}
