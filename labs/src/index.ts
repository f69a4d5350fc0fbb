/**
 * The lab kit: what the server, the tests and other programs use of it. Scenarios import
 * `@drydock/labs/checks` instead.
 */
export { checkResultSchema, reportSchema, type CheckResult, type Report } from "./checks/outcome.ts";
export { runChecks, type RunChecksOptions } from "./checks/run.ts";
export { readConfig, type Config } from "./config.ts";
export { describeError, DrydockError } from "./errors.ts";
export { runContracts } from "./grading/run-contracts.ts";
export type { Leg, ScenarioContract } from "./grading/contract.ts";
export { gradeSubmission } from "./grading/grade.ts";
export { gradedSchema, type Graded } from "./grading/graded.ts";
export { contractsToJunit, gradedToJunit } from "./grading/junit.ts";
export { setUp } from "./grading/set-up.ts";
export { readSubmission, submit, type Submission } from "./grading/submit.ts";
export { openPlatform, type Platform } from "./platform.ts";
export { Progress, type Phase } from "./progress.ts";
export * from "./sandbox/provider.ts";
export { scenarioJsonSchema } from "./scenarios/json-schema.ts";
export { lintScenario } from "./scenarios/lint.ts";
export { loadScenario, loadScenarios } from "./scenarios/load.ts";
export * from "./scenarios/schema.ts";
