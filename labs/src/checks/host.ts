import { DrydockError } from "../errors.ts";
import type { AskHost, FileStatAnswer } from "../observer/index.ts";
import type { RunResult } from "../process.ts";

export interface HostExecOptions {
  /** Default `root`. */
  user?: string;
  input?: string;
  /** Default 15 000. */
  timeoutMs?: number;
}

/**
 * Runs a program on a host of the sandbox; what the runner hands in, so that checks know nothing of
 * engines.
 */
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
  /**
   * How long ago its content, name or attributes were changed last, by the host's clock; unlike
   * `modifiedAt` no program can set it.
   */
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

/** What a snapshot of etcd holds, as a database and not as a text. */
export interface EtcdSnapshot {
  /** It is a complete snapshot, as `etcdctl snapshot save` writes it. */
  valid: boolean;
  /** Why it is none, in words for a person. */
  problem?: string;
  /** The latest of the database. */
  revision: number;
  /** How many keys exist at that revision. */
  keys: number;
  /**
   * Values of the keys that were asked for, as far as they exist at that revision. Kubernetes
   * stores most objects as protobuf, in which texts such as a uid can be searched.
   */
  values: Map<string, Buffer>;
}

/**
 * A host of the sandbox, seen from outside: apart from `exec` nothing that lies in the sandbox is
 * used, so root on the host can't change an answer by changing programs.
 */
export interface Host {
  readonly name: string;
  /**
   * Runs a program of the host by argument vector, with a clean environment. Any exit status is a
   * result; only an unreachable host throws. What it says is the word of a program that the learner
   * may have replaced: use it only to judge that very program.
   */
  exec(argv: readonly string[], options?: HostExecOptions): Promise<RunResult>;
  /** A file's text, or undefined where there is none. */
  readFile(path: string): Promise<string | undefined>;
  /** What lies at a path (links are followed), or undefined. */
  stat(path: string): Promise<FileStat | undefined>;
  /** A file's sum without its last bytes (default none), or undefined where there is none. */
  digest(path: string, options?: { lastBytes?: number }): Promise<FileDigest | undefined>;
  /** How often a file holds a text, whatever else is in it; undefined where there is none. */
  count(path: string, text: string): Promise<number | undefined>;
  /**
   * Opens a snapshot of etcd and reads what these keys (`/registry/…`) hold; undefined where there
   * is no file.
   */
  etcdSnapshot(path: string, keys?: readonly string[]): Promise<EtcdSnapshot | undefined>;
  /** Processes that run a program of this name. */
  processes(name: string): Promise<HostProcess[]>;
  /** What the processes of a container, by its id, have open. */
  openFiles(containerId: string): Promise<OpenFile[]>;
  /** The state of a systemd unit. */
  unit(name: string): Promise<UnitState>;
}

/** The longest that a snapshot takes to be copied and opened. */
const SNAPSHOT_TIMEOUT_MS = 60_000;

/** Makes a {@link Host} of what the runner hands in. */
export function createHost(name: string, ask: AskHost, execOnHost: ExecOnHost): Host {
  return {
    name,
    exec: (argv, options = {}) => execOnHost(name, argv, { timeoutMs: 15_000, ...options }),
    stat: (path) => orUndefined(ask(name, { ask: "stat", path }).then(toStat)),
    readFile: (path) =>
      orUndefined(ask(name, { ask: "read", path }).then(({ content }) => Buffer.from(content, "base64").toString("utf8"))),
    digest: (path, { lastBytes = 0 } = {}) => orUndefined(ask(name, { ask: "digest", path, lastBytes })),
    count: (path, text) => orUndefined(ask(name, { ask: "count", path, text }).then(({ count }) => count)),
    etcdSnapshot: (path, keys = []) =>
      orUndefined(
        ask(name, { ask: "snapshot", path, keys }, { timeoutMs: SNAPSHOT_TIMEOUT_MS }).then((found) => ({
          ...found,
          values: new Map(Object.entries(found.values ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64")])),
        })),
      ),
    processes: (program) => ask(name, { ask: "processes", name: program }),
    openFiles: (container) => ask(name, { ask: "open-files", container }),
    unit: (unit) => ask(name, { ask: "unit", name: unit }),
  };
}

function toStat({ modifiedMs, createdAgeMs, ...stat }: FileStatAnswer): FileStat {
  return { ...stat, modifiedAt: new Date(modifiedMs), createdAgeMs: createdAgeMs < 0 ? undefined : createdAgeMs };
}

/** A path that leads to nothing is an answer. */
async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (error instanceof DrydockError && error.code === "observer.missing") return undefined;
    throw error;
  });
}
