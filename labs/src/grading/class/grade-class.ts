import { Progress } from "../../progress.ts";
import type { SandboxProvider } from "../../sandbox/provider.ts";
import type { Scenario } from "../../scenarios/schema.ts";
import { gradeSubmission, type GradeOptions } from "../grade.ts";
import type { Graded } from "../graded.ts";
import type { Submission } from "../submit.ts";
import { runSideBySide } from "./run-side-by-side.ts";

/** A submission of a class that is to be graded. */
export interface Work {
  person: string;
  submission: Submission;
}

export interface ClassOptions extends Pick<GradeOptions, "owner" | "timeoutMs" | "signal" | "secondLook"> {
  provider: Pick<SandboxProvider, "create" | "remove" | "prepareCopies">;
  /** How many sandboxes are worked in at once. */
  jobs: number;
  /** Most sandboxes at once, with those in which a submission hangs. */
  most: number;
  /** Shows what is done before the first is graded. */
  progress: Progress;
  /** Told of each as soon as it is graded. */
  onGraded: (person: string, graded: Graded) => Promise<void> | void;
  /** After how long a submission that still runs counts as one that only waits; default 20 000. */
  patienceMs?: number;
}

/**
 * Grades submissions of many people, each in a fresh sandbox: a copy of a golden cluster, which is
 * made first where there is none and it is worth it. One that hangs delays no other: it keeps its
 * sandbox until its time is up, and the next person's begins. Rejects only when it is aborted;
 * every sandbox that it made is removed then, or was tried to be.
 */
export async function gradeClass(scenario: Scenario, works: readonly Work[], options: ClassOptions): Promise<void> {
  const { provider, owner, timeoutMs, jobs, most, signal, secondLook, onGraded } = options;
  const removals: Promise<void>[] = [];
  // A removal that fails costs no verdict: the next command removes what is left of a dead one's
  // sandboxes.
  const onRemoving = (removal: Promise<void>) => void removals.push(removal.catch(() => undefined));
  const grade = async ({ person, submission }: Work, giveWay: () => void) => {
    const progress = new Progress();
    const stopWatching = whenSubmissionLasts(progress, options.patienceMs ?? 20_000, giveWay);
    try {
      const common = { provider, owner, timeoutMs, signal, secondLook, progress, onRemoving };
      await onGraded(person, await gradeSubmission(scenario, submission, common));
    } finally {
      stopWatching();
    }
  };
  if (works.length > 1) await provider.prepareCopies({ topology: scenario.topology, owner, progress: options.progress, signal });
  try {
    await runSideBySide(works, { jobs, most, signal }, grade);
  } finally {
    await Promise.all(removals);
  }
}

/** Calls `act` once the submission has run for that long. Returns what ends the waiting. */
function whenSubmissionLasts(progress: Progress, patienceMs: number, act: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const unsubscribe = progress.subscribe((phases) => {
    const runs = phases.some(({ id, state }) => id === "submission" && state === "running");
    if (runs) timer ??= setTimeout(act, patienceMs);
    else {
      clearTimeout(timer);
      timer = undefined;
    }
  });
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}
