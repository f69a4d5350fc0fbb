import { spawn } from "node:child_process";
import { expect, it, onTestFinished } from "vitest";
import { isRunning } from "./process.ts";

/**
 * Starts a program that watches its ancestors, as the grandchild of a shell; both shells are in its
 * process group unless it gets one of its own.
 */
async function startGrandchild(middle: string) {
  const program = `
    const { watchAncestors } = await import(${JSON.stringify(import.meta.resolve("./ancestors.ts"))});
    watchAncestors(() => { console.log("gone"); process.exit(); }, 50);
    console.log(process.pid);
    setTimeout(() => undefined, 60_000);`;
  const node = [process.execPath, "--no-warnings", "--import", import.meta.resolve("tsx"), "--input-type=module", "-e", program];
  // The outer shell tells the inner one's number; neither puts another program in its own place.
  const script = `bash -c '${middle}; exit' inner "$@" & echo "inner $!"; wait; sleep 60`;
  const shell = spawn("bash", ["-c", script, "outer", ...node], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  shell.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  onTestFinished(() => {
    for (const pid of [shell.pid!, -shell.pid!, Number(/^\d+$/m.exec(said)?.[0])]) {
      try {
        if (pid) process.kill(pid, "SIGKILL");
      } catch {
        // It has ended.
      }
    }
  });
  await expect.poll(() => /^\d+$/m.exec(said)?.[0], { timeout: 30_000 }).toBeDefined();
  const [inner, self] = [Number(/^inner (\d+)$/m.exec(said)![1]), Number(/^\d+$/m.exec(said)![0])];
  return { outer: shell.pid!, inner, self, said: () => said };
}

it.each(["inner", "outer"] as const)("is told when the %s of two shells that it runs for is killed", async (which) => {
  const started = await startGrandchild('"$@"');
  process.kill(started[which], "SIGKILL");
  await expect.poll(() => started.said(), { timeout: 20_000 }).toContain("gone");
});

it("is not told where it was given a process group of its own: it is meant to go on", async () => {
  const started = await startGrandchild('setsid --wait "$@"');
  process.kill(started.outer, "SIGKILL");
  process.kill(started.inner, "SIGKILL");
  // As long as it would take to notice, several times over.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(started.said()).not.toContain("gone");
  expect(isRunning(started.self)).toBe(true);
});
