import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { DrydockError } from "../errors.ts";
import { plainLine, quoteBlock } from "../plain-text.ts";
import type { RunResult } from "../process.ts";
import type { Sandbox } from "../sandbox/provider.ts";
import { type Ending, wordEnding } from "./ending.ts";

/** What is needed of a sandbox to run something in it. */
export type ExecSandbox = Pick<Sandbox, "exec">;

export interface ScriptOptions {
  /**
   * `setup`: root, the cluster's admin.conf, stops at the first failing command. `learner`: what a
   * shell in the terminal has.
   */
  as: "setup" | "learner";
  /**
   * Run by bash, and stop at the first failing command; default true. Otherwise the script's first
   * line says what runs it, and bash does where it says nothing.
   */
  strict?: boolean;
  timeoutMs: number;
  signal?: AbortSignal;
  /** Put beside the script: path, relative, and content. */
  files?: readonly ScriptFile[];
}

export interface ScriptFile {
  path: string;
  content: string | Uint8Array;
}

/** Most bytes kept of each stream. */
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** How long it may take, beyond the limit, until the script is stopped and the host has said so. */
const GRACE_MS = 10_000;

const RUNNER = readFileSync(join(import.meta.dirname, "run-script.pl"), "utf8");

const ADMIN = { KUBECONFIG: "/etc/kubernetes/admin.conf" };
/**
 * What the keeper of the terminal's shells gives them (image/go/cmd/shell), beyond the clean
 * environment.
 */
const TERMINAL = { USER: "root", LOGNAME: "root", SHELL: "/bin/bash", TERM: "xterm-256color" };

/**
 * Gives bash, and only the bash that runs the script itself, the aliases of the terminal. The login
 * shell is one of its own, so that -e does not judge the profile. $@: the program, and the script
 * behind it.
 */
const LOGIN = 'script=${*: -1}; export BASH_ENV=${script%/*}/.terminal; exec "$@"';
const ALIASES: ScriptFile = {
  path: ".terminal",
  content: readFileSync(join(import.meta.dirname, "terminal-aliases.sh"), "utf8"),
};

/** What came of a script: any exit status is a result. */
export interface ScriptResult extends RunResult {
  ending: Ending;
}

/**
 * Runs a script on a host, from a file, under a time limit that holds inside the host too, and
 * leaves nothing of the file behind. However much it prints, it is read to its end.
 * @throws DrydockError `process.aborted`, `sandbox.unknown-host`. A host that is gone is a result:
 * `ending` says `lost`.
 */
export async function runScript(
  sandbox: ExecSandbox,
  host: string,
  script: string | Uint8Array,
  options: ScriptOptions,
): Promise<ScriptResult> {
  const { as, timeoutMs, signal, files = [] } = options;
  const mark = `drydock-${randomUUID()}`;
  const program = options.strict === false ? interpreterOf(script) : ["/bin/bash", "-e"];
  const command = as === "learner" ? ["/bin/bash", "-l", "-c", LOGIN, "login", ...program] : program;
  const argv = ["/usr/bin/perl", "-e", RUNNER, "--", String(timeoutMs / 1000), mark, ...command];
  const bundle = [{ path: "script.sh", content: script }, ...(as === "learner" ? [ALIASES] : []), ...files];
  const result = await sandbox.exec(host, argv, {
    input: bundle.map(({ path, content }) => `${hex(path)} ${hex(content)}\n`).join(""),
    env: as === "setup" ? ADMIN : TERMINAL,
    cwd: as === "learner" ? "/root" : undefined,
    timeoutMs: timeoutMs + GRACE_MS,
    signal,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    excess: "cut",
  });
  return withEnding(result, mark, timeoutMs);
}

/**
 * The program that the script's first line names, with its options, taken apart as the kernel does
 * it: the rest of the line is one argument. bash where it names none. The line is not left to the
 * kernel, because no file may be executed where the script lies.
 */
export function interpreterOf(script: string | Uint8Array): string[] {
  const start = Buffer.from(script.slice(0, 1024)).toString("utf8");
  const [, program, argument] = /^#![ \t]*([^ \t\r\n]+)(?:[ \t]+([^\r\n]*?))?[ \t]*(?:\r?\n|$)/.exec(start) ?? [];
  if (!program) return ["/bin/bash"];
  return argument ? [program, argument] : [program];
}

/** Reads the runner's last line out of standard error. */
function withEnding(result: RunResult, mark: string, timeoutMs: number): ScriptResult {
  const at = result.stderr.lastIndexOf(`\n${mark} `);
  const [, how, number] = at < 0 ? [] : (/^\n\S+ (ended|killed|stopped) ?(\d*)\n/.exec(result.stderr.slice(at)) ?? []);
  const length = at < 0 ? 0 : result.stderr.indexOf("\n", at + 1) + 1 - at;
  const stderr = at < 0 ? result.stderr : result.stderr.slice(0, at) + result.stderr.slice(at + length);
  const limitSeconds = timeoutMs / 1000;
  const tell = (ending: Ending): ScriptResult => ({ ...result, stderr, timedOut: ending.how === "stopped", ending });
  if (how === "ended") return tell({ how, exitStatus: Number(number) });
  if (how === "killed") return tell({ how, signal: nameOf(Number(number)) });
  if (how === "stopped" || result.timedOut) return tell({ how: "stopped", limitSeconds });
  // The runner did not come to its last line. Where this machine's end of the connection was killed
  // the script may still run.
  if (result.signal === undefined && result.exitCode > 128) return tell({ how: "killed", signal: nameOf(result.exitCode - 128) });
  const said = plainLine(result.stderr.trim().split("\n").at(-1)!);
  return tell({ how: "lost", reason: said || `the connection to its host ended with ${result.signal ?? result.exitCode}` });
}

function nameOf(signal: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === signal)?.[0] ?? `signal ${signal}`;
}

function hex(content: string | Uint8Array): string {
  return Buffer.from(content).toString("hex");
}

/** The error of a script that had to succeed, with the end of what it said. */
export function scriptFailed(code: string, what: string, result: ScriptResult, timeoutMs: number): DrydockError {
  const said = `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-12).join("\n");
  return new DrydockError(code, `${what} ${wordFailure(result, timeoutMs)}${said ? `:\n${quoteBlock(said)}` : ""}`);
}

/**
 * How a script that had to succeed ended instead: `took longer than 180 s`, `ended with exit status
 * 1`, …
 */
export function wordFailure({ timedOut, ending }: ScriptResult, timeoutMs: number): string {
  return timedOut ? `took longer than ${timeoutMs / 1000} s` : wordEnding(ending);
}
