import type { RunResult } from "../process.ts";

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
  type: "file" | "directory" | "link" | "other";
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

const TYPES: Record<string, FileStat["type"]> = {
  "regular file": "file",
  "regular empty file": "file",
  directory: "directory",
  "symbolic link": "link",
};

/** Makes a {@link Host} of an exec function. */
export function createHost(name: string, execOnHost: ExecOnHost): Host {
  const exec: Host["exec"] = (argv, options = {}) => execOnHost(name, argv, { timeoutMs: 15_000, ...options });
  const mustExec = async (argv: readonly string[]) => {
    const result = await exec(argv);
    if (result.timedOut) throw new Error(`${argv[0]} on ${name} did not end in time`);
    return result;
  };
  const stat: Host["stat"] = async (path) => {
    const result = await mustExec(["/usr/bin/stat", "-L", "--printf", "%F\\n%a\\n%U\\n%G\\n%s\\n%Y", "--", path]);
    if (result.exitCode !== 0) return missing(result, `stat ${path} on ${name}`);
    const [type = "", mode = "", owner = "", group = "", size, modified] = result.stdout.split("\n");
    return {
      type: TYPES[type] ?? "other",
      mode,
      owner,
      group,
      sizeBytes: Number(size),
      modifiedAt: new Date(Number(modified) * 1000),
    };
  };
  return {
    name,
    exec,
    stat,
    async readFile(path) {
      const result = await mustExec(["/bin/cat", "--", path]);
      return result.exitCode === 0 ? result.stdout : missing(result, `reading ${path} on ${name}`);
    },
    async unit(unit) {
      const result = await mustExec(["/usr/bin/systemctl", "show", unit, "-p", "LoadState,ActiveState,SubState,UnitFileState"]);
      const fields = new Map(
        result.stdout.split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
      );
      if (!fields.has("LoadState")) throw new Error(`systemd on ${name} does not answer: ${result.stderr.trim()}`);
      const field = (key: string) => fields.get(key) ?? "";
      return { load: field("LoadState"), active: field("ActiveState"), sub: field("SubState"), enabled: field("UnitFileState") };
    },
  };
}

/** Undefined for a path that does not exist; anything else that went wrong means that the state is not known. */
function missing(result: RunResult, operation: string): undefined {
  if (/No such file or directory|Not a directory/.test(result.stderr)) return undefined;
  throw new Error(`${operation}: ${result.stderr.trim() || `exit status ${result.exitCode}`}`);
}
