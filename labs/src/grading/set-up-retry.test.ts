import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Progress } from "../progress.ts";
import { loadScenario } from "../scenarios/load.ts";
import { createFakeProvider } from "../testing/fake-provider.ts";
import { preparedSandbox } from "./fresh-sandbox.ts";

const answer = loadScenario(join(import.meta.dirname, "../../../test/fixtures/scenarios/valid-answer"));

/** The fixture with another set-up script. `$MARK` in it is a file that outlives sandboxes. */
function withSetUp(script: string) {
  const dir = mkdtempSync(join(tmpdir(), "drydock-retry-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const path = join(dir, "setup.sh");
  writeFileSync(path, script.replaceAll("$MARK", join(dir, "mark")));
  return { ...answer, setups: { controlplane: path } };
}

const FAILS_ONCE = "echo noise; if [ ! -e $MARK ]; then touch $MARK; echo 'no default account yet' >&2; exit 3; fi; touch here";

test("a set-up that fails is tried once more on another sandbox, and nothing of the first failure is shown", async () => {
  const provider = createFakeProvider();
  const progress = new Progress();
  const states = new Set<string>();
  progress.subscribe((phases) => phases.forEach((phase) => states.add(`${phase.id} ${phase.state}`)));
  const prepared = preparedSandbox(withSetUp(FAILS_ONCE), { provider, owner: "test", progress });
  const seen = await prepared(async (sandbox) => {
    expect([...provider.alive]).toEqual([sandbox.id]);
    return (await sandbox.exec("controlplane", ["ls"])).stdout;
  });
  expect(seen).toContain("here");
  expect(provider).toMatchObject({ made: 2, most: 1 });
  expect(provider.alive.size).toBe(0);
  expect([...states]).toEqual(["setup running", "setup done"]);
});

test("one that fails twice is told with its sentence and its output apart, and leaves no sandbox", async () => {
  const provider = createFakeProvider();
  const prepared = preparedSandbox(withSetUp("echo out; echo err >&2; exit 4"), {
    provider,
    owner: "test",
    progress: new Progress(),
  });
  await expect(prepared(async () => "never")).rejects.toMatchObject({
    code: "setup.failed",
    summary: "Setting up valid-answer (setup.sh on controlplane) ended with exit status 4",
    output: "out\n\nerr",
    message: "Setting up valid-answer (setup.sh on controlplane) ended with exit status 4:\nout\n\nerr",
  });
  expect(provider).toMatchObject({ made: 2 });
  expect(provider.alive.size).toBe(0);
});

test("a sandbox that cannot be made is no failing set-up: it is not tried again", async () => {
  const provider = createFakeProvider("broken");
  const prepared = preparedSandbox(answer, { provider, owner: "test", progress: new Progress() });
  await expect(prepared(async () => "never")).rejects.toMatchObject({ code: "engine.none" });
});

test("an abort ends it, and what was made is removed", async () => {
  const provider = createFakeProvider();
  const stop = new AbortController();
  const progress = new Progress();
  progress.subscribe(() => stop.abort(new Error("enough")));
  const prepared = preparedSandbox(withSetUp("sleep 20"), { provider, owner: "test", progress, signal: stop.signal });
  await expect(prepared(async () => "never")).rejects.toThrow();
  expect(provider).toMatchObject({ made: 1 });
  expect(provider.alive.size).toBe(0);
});
