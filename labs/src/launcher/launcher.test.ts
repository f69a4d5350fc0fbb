import { afterEach, beforeEach, expect, test } from "vitest";
import { executeIn, isRunning, run, tryRun } from "../process.ts";
import { Launcher } from "./launcher.ts";

let launcher: Launcher;
beforeEach(async () => {
  launcher = new Launcher();
  executeIn(launcher.execute);
  await untilReady();
});
afterEach(() => {
  executeIn();
  launcher.stop();
});

async function untilReady(): Promise<void> {
  await run("true", []);
  await expect.poll(() => launcher.isReady, { timeout: 20_000 }).toBe(true);
}

async function untilGone(pid: number): Promise<void> {
  await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false);
}

test("programs are children of its process, and say and are told the same as here", async () => {
  const script = 'echo $PPID; read line; echo "$line $WORD"; pwd; echo aside >&2; exit 3';
  const lines: string[] = [];
  const options = { input: "typed\n", env: { WORD: "word" }, cwd: "/", onLine: (line: string) => void lines.push(line) };
  const result = await tryRun("sh", ["-c", script], options);
  expect(launcher.pid).not.toBe(process.pid);
  expect(result).toMatchObject({ exitCode: 3, stdout: `${launcher.pid}\ntyped word\n/\n`, stderr: "aside\n", timedOut: false });
  expect(lines.toSorted()).toEqual(result.stdout.split("\n").slice(0, 3).concat("aside").toSorted());
  expect(await run("cat", [], { input: new Uint8Array([0xe2, 0x82, 0xac]) })).toBe("€");
});

test("what is aborted, takes too long, is missing, is killed or prints too much ends as here", async () => {
  const stop = new AbortController();
  const pids: number[] = [];
  const aborted = tryRun("sh", ["-c", "echo $$; exec sleep 60"], {
    signal: stop.signal,
    onLine: (line) => {
      pids.push(Number(line));
      stop.abort();
    },
  });
  await expect(aborted).rejects.toMatchObject({ code: "process.aborted" });
  await untilGone(pids[0]!);
  await expect(tryRun("true", [], { signal: stop.signal })).rejects.toMatchObject({ code: "process.aborted" });
  expect(await tryRun("sleep", ["60"], { timeoutMs: 100 })).toMatchObject({ exitCode: 124, timedOut: true });
  await expect(tryRun("no-such-program", [])).rejects.toMatchObject({ code: "process.missing" });
  expect(await tryRun("sh", ["-c", "kill -9 $$"])).toMatchObject({ exitCode: 137, signal: "SIGKILL", timedOut: false });
  const talkative = tryRun("sh", ["-c", "yes | head -c 3000000; echo end"], { maxOutputBytes: 1000, excess: "cut" });
  expect(await talkative).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^y\n.*bytes are left out.*y\nend\n$/s) as string,
    leftOutBytes: { stdout: 2_999_004, stderr: 0 },
  });
  await expect(tryRun("seq", ["100000"], { maxOutputBytes: 1000 })).rejects.toMatchObject({ code: "process.too-much-output" });
});

test("when its process is killed, what it ran is killed and told, and the next program has a new one", async () => {
  const first = launcher.pid!;
  const pids: number[] = [];
  const lost = tryRun("sh", ["-c", "echo $$; exec sleep 60"], {
    onLine: (line) => {
      pids.push(Number(line));
      process.kill(first, "SIGKILL");
    },
  });
  await expect(lost).rejects.toMatchObject({ code: "process.launcher-lost" });
  await untilGone(pids[0]!);
  expect(await run("echo", ["again"])).toBe("again\n");
  await untilReady();
  expect(launcher.pid).not.toBe(first);
  expect(await run("sh", ["-c", "echo $PPID"])).toBe(`${launcher.pid}\n`);
});

test("nobody waits for its process to begin", async () => {
  const fresh = new Launcher();
  executeIn(fresh.execute);
  expect(await run("sh", ["-c", "echo $PPID"])).toBe(`${process.pid}\n`);
  await expect.poll(() => fresh.isReady, { timeout: 20_000 }).toBe(true);
  expect(await run("sh", ["-c", "echo $PPID"])).toBe(`${fresh.pid}\n`);
  fresh.stop();
});

test("it ends with the process that it is for, and what runs goes on", async () => {
  const module = JSON.stringify(import.meta.resolve("./launcher.ts"));
  const script = `
    const { Launcher } = await import(${module});
    const launcher = new Launcher();
    while (!launcher.isReady) await launcher.execute({ file: "true", args: [], wantsLines: false }, {});
    await launcher.execute(
      { file: "sh", args: ["-c", "echo $$; exec sleep 60"], wantsLines: true },
      { onLine: (line) => { console.log(launcher.pid, line); process.kill(process.pid, "SIGKILL"); } },
    );`;
  const args = ["--import", import.meta.resolve("tsx"), "--input-type=module", "-e", script];
  executeIn();
  const { stdout } = await tryRun(process.execPath, args);
  const [pid, program] = stdout.split(" ").map(Number) as [number, number];
  await untilGone(pid);
  expect(isRunning(program)).toBe(true);
  process.kill(program, "SIGKILL");
});
