import type { RunResult } from "../process.ts";
import { HOST_PROGRAM } from "../sandbox/host-program.ts";

export interface HostExecOptions {
  /** Default `root`. */
  user?: string;
  input?: string;
  /** Default 15 000. */
  timeoutMs?: number;
}

/** Runs a program on a host of the sandbox; what the runner hands in, so that checks know nothing of engines. */
export type ExecOnHost = (host: string, argv: readonly string[], options?: HostExecOptions) => Promise<RunResult>;

export interface FileStat {
  type: "file" | "directory" | "other";
  /** Octal, as in `600`. */
  mode: string;
  owner: string;
  group: string;
  sizeBytes: number;
  modifiedAt: Date;
}

export interface UnitState {
  /** `loaded`, `not-found`, `masked` … */
  load: string;
  /** `active`, `inactive`, `failed`, `activating` … */
  active: string;
  /** `running`, `dead` … */
  sub: string;
  /** `enabled`, `disabled`, `static` …, empty for a unit that does not exist. */
  enabled: string;
}

/** A host of the sandbox, seen from outside the learner's shell. */
export interface Host {
  readonly name: string;
  /** Runs a program by argument vector and full path, with a clean environment. Any exit status is a result; only an unreachable host throws. */
  exec(argv: readonly string[], options?: HostExecOptions): Promise<RunResult>;
  /** A file's text, or undefined where it does not exist. */
  readFile(path: string): Promise<string | undefined>;
  /** What lies at a path (links are followed), or undefined. */
  stat(path: string): Promise<FileStat | undefined>;
  /** The state of a systemd unit. */
  unit(name: string): Promise<UnitState>;
}

/** Its exit status where a path leads to nothing. */
const MISSING = 3;

/**
 * Asks {@link HOST_PROGRAM} on a host and reads its line of JSON.
 * @throws where it could not tell: the state is not known then
 */
export async function askHost<T>(host: Host, args: readonly string[], options?: HostExecOptions): Promise<T> {
  return JSON.parse(checked(await host.exec([HOST_PROGRAM, ...args], options), args, host).stdout) as T;
}

function checked(result: RunResult, args: readonly string[], { name }: Host): RunResult {
  if (result.timedOut) throw new Error(`${args[0]} on ${name} did not end in time`);
  if (result.exitCode === 0) return result;
  throw new Error(`${args.join(" ")} on ${name}: ${result.stderr.trim() || `exit status ${result.exitCode}`}`);
}

/** Makes a {@link Host} of an exec function. */
export function createHost(name: string, execOnHost: ExecOnHost): Host {
  const exec: Host["exec"] = (argv, options = {}) => execOnHost(name, argv, { timeoutMs: 15_000, ...options });
  const host: Host = {
    name,
    exec,
    async stat(path) {
      const args = ["stat", "--", path];
      const result = await exec([HOST_PROGRAM, ...args]);
      if (result.exitCode === MISSING) return undefined;
      const { modifiedMs, ...found } = JSON.parse(checked(result, args, host).stdout) as Omit<FileStat, "modifiedAt"> & {
        modifiedMs: number;
      };
      return { ...found, modifiedAt: new Date(modifiedMs) };
    },
    async readFile(path) {
      const args = ["read", "--", path];
      const result = await exec([HOST_PROGRAM, ...args]);
      return result.exitCode === MISSING ? undefined : checked(result, args, host).stdout;
    },
    unit: (unit) => askHost<UnitState>(host, ["unit", "--", unit]),
  };
  return host;
}
