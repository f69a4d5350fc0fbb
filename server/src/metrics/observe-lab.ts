import { describeFailure } from "../errors.ts";
import type { Lab, OpenLab } from "../lab.ts";
import type { Metrics } from "./metrics.ts";

/** Checks whose report says that it could not be judged are errors of this code. */
const UNJUDGED = "check.unjudged";

/**
 * The same lab kit, measured: set-ups, checks, what a preparation of the machine fails with, and
 * what its provider does.
 */
export function observeLab(openLab: OpenLab, metrics: Metrics): OpenLab {
  return async (progress, signal) => {
    const lab = await counted(metrics, signal, () => openLab(progress, signal));
    return observe(lab, metrics, signal);
  };
}

function observe(lab: Lab, metrics: Metrics, stopping: AbortSignal): Lab {
  return {
    provider: metrics.census.follow(lab.provider),
    kubernetes: lab.kubernetes,
    prepare: () => counted(metrics, stopping, () => lab.prepare()),
    addExtras: () => lab.addExtras(),
    async setUp(sandbox, scenario, options) {
      const done = metrics.setUpDuration.startTimer();
      await lab.setUp(sandbox, scenario, options);
      done();
    },
    async grade(sandbox, scenario, options) {
      const done = metrics.checkDuration.startTimer({ scenario: scenario.slug });
      const report = await lab.grade(sandbox, scenario, options);
      // One that was stopped is no attempt, whatever it found.
      if (options.signal.aborted) return report;
      done({ verdict: report.verdict });
      if (report.verdict === "error") metrics.error(UNJUDGED);
      return report;
    },
  };
}

/** What a stop cut off has not failed. */
async function counted<T>(metrics: Metrics, stopping: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!stopping.aborted) metrics.error(describeFailure(error).code);
    throw error;
  }
}
