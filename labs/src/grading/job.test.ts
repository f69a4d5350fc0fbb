import { expect, it } from "vitest";
import { run } from "../process.ts";
import { isDeadJob, ownJob } from "./job.ts";

it("tells a job whose process has ended from one that goes on, and from what is no job", async () => {
  const pid = (await run("bash", ["-c", "echo $$"])).trim();
  expect(isDeadJob(`job ${pid} drain-node01`)).toBe(true);
  expect(isDeadJob(ownJob("drain-node01"))).toBe(false);
  expect(isDeadJob("job 1 drain-node01")).toBe(false);
  expect(isDeadJob("drain-node01")).toBe(false);
  expect(isDeadJob(undefined)).toBe(false);
});
