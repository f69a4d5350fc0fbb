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
  /** The same for all paths that lead to it, and for no other file of the host. */
  id: string;
  /** The path itself is a symbolic link. */
  isLink: boolean;
  /** How long ago its content, name or attributes were changed last, by the host's clock; unlike `modifiedAt` no program can set it. */
  changedAgeMs: number;
  /** How long ago it came to be on its file system; undefined where that does not record it. */
  createdAgeMs: number | undefined;
}

export interface FileDigest {
  sizeBytes: number;
  /** SHA-256 of all but the last bytes, in hexadecimal. */
  sha256: string;
  /** The last bytes, in hexadecimal. */
  last: string;
}

export interface HostProcess {
  pid: number;
  /** How long ago it began. */
  ageMs: number;
}

export interface OpenFile {
  /** As the process knows it, which may be another path on the host. */
  path: string;
  /** As {@link FileStat.id}. */
  id: string;
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
  /** A file's text, or undefined where there is none. */
  readFile(path: string): Promise<string | undefined>;
  /** What lies at a path (links are followed), or undefined. */
  stat(path: string): Promise<FileStat | undefined>;
  /** A file's sum without its last bytes (default none), or undefined where there is none: some formats end with that very sum. */
  digest(path: string, options?: { lastBytes?: number }): Promise<FileDigest | undefined>;
  /** How often a file holds a text, whatever else is in it; undefined where there is none. */
  count(path: string, text: string): Promise<number | undefined>;
  /** Processes that run a program of this name. */
  processes(name: string): Promise<HostProcess[]>;
  /** What the processes of a container, by its id, have open. */
  openFiles(containerId: string): Promise<OpenFile[]>;
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
  /** The answer about a path, or undefined where there is nothing. */
  const look = async (args: readonly string[]) => {
    const result = await exec([HOST_PROGRAM, ...args]);
    return result.exitCode === MISSING ? undefined : checked(result, args, host).stdout;
  };
  const host: Host = {
    name,
    exec,
    async stat(path) {
      const found = await look(["stat", "--", path]);
      if (found === undefined) return undefined;
      const { modifiedMs, createdAgeMs, ...stat } = JSON.parse(found) as FileStat & { modifiedMs: number; createdAgeMs: number };
      return { ...stat, modifiedAt: new Date(modifiedMs), createdAgeMs: createdAgeMs < 0 ? undefined : createdAgeMs };
    },
    readFile: (path) => look(["read", "--", path]),
    async digest(path, { lastBytes = 0 } = {}) {
      const found = await look(["digest", "--last", String(lastBytes), "--", path]);
      return found === undefined ? undefined : (JSON.parse(found) as FileDigest);
    },
    async count(path, text) {
      const found = await look(["count", "--text", text, "--", path]);
      return found === undefined ? undefined : (JSON.parse(found) as { count: number }).count;
    },
    processes: (program) => askHost<HostProcess[]>(host, ["processes", "--", program]),
    openFiles: (containerId) => askHost<OpenFile[]>(host, ["open-files", "--", containerId]),
    unit: (unit) => askHost<UnitState>(host, ["unit", "--", unit]),
  };
  return host;
}
