import { DrydockError } from "../errors.ts";
import type { RunResult } from "../process.ts";
import type { Sandbox } from "../sandbox/provider.ts";

/** What is needed of a sandbox to run something in it. */
export type ExecSandbox = Pick<Sandbox, "exec">;

export interface ScriptOptions {
  /** `setup`: root, the cluster's admin.conf, stops at the first failing command. `learner`: a login shell as in the terminal. */
  as: "setup" | "learner";
  /** Stop at the first failing command; default true. */
  strict?: boolean;
  timeoutMs: number;
  signal?: AbortSignal;
}

/**
 * Takes the script from standard input, runs it from a file under a time limit that holds inside the host too, and leaves nothing of it behind.
 * $1 the limit in seconds, the rest: how bash is called.
 */
const RUNNER = `
dir=$(/usr/bin/mktemp -d /tmp/.drydock-XXXXXXXX)
trap '/bin/rm -rf "$dir"' EXIT
/bin/cat > "$dir/script.sh"
limit=$1; shift
/usr/bin/timeout --kill-after=2 "$limit" "$@" "$dir/script.sh" < /dev/null`;

const ADMIN = { KUBECONFIG: "/etc/kubernetes/admin.conf" };

/** Runs a bash script on a host. Any exit status is a result (124: out of time). @throws DrydockError what {@link Sandbox.exec} throws */
export async function runScript(sandbox: ExecSandbox, host: string, script: string, options: ScriptOptions): Promise<RunResult> {
  const bash = options.strict === false ? ["/bin/bash"] : ["/bin/bash", "-e"];
  // The login shell is one of its own, so that -e does not judge the profile.
  const how = options.as === "learner" ? ["/bin/bash", "-l", "-c", 'exec "$@"', "login", ...bash] : bash;
  const result = await sandbox.exec(host, ["/bin/bash", "-c", RUNNER, "run", String(options.timeoutMs / 1000), ...how], {
    input: script,
    env: options.as === "setup" ? ADMIN : undefined,
    timeoutMs: options.timeoutMs + 10_000,
    signal: options.signal,
    maxOutputBytes: 1024 * 1024,
  });
  return result.exitCode === 124 ? { ...result, timedOut: true } : result;
}

/** The error of a script that had to succeed, with the end of what it said. */
export function scriptFailed(code: string, what: string, result: RunResult, timeoutMs: number): DrydockError {
  const said = `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-12).join("\n");
  const how = result.timedOut ? `took longer than ${timeoutMs / 1000} s` : `ended with exit status ${result.exitCode}`;
  return new DrydockError(code, `${what} ${how}${said ? `:\n${said}` : ""}`);
}
