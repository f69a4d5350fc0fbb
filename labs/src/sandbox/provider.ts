import type { AskHost } from "../observer/index.ts";
import type { RunOptions, RunResult } from "../process.ts";
import type { Progress } from "../progress.ts";

/** Host names as in the exam. The first host of a topology is always `controlplane`. */
export const TOPOLOGIES = {
  "two-node": ["controlplane", "node01"],
  "single-node": ["controlplane"],
} as const satisfies Record<string, readonly string[]>;
export type Topology = keyof typeof TOPOLOGIES;

/**
 * Who may remove a sandbox: the server never touches those of the command line, and the other way
 * round.
 */
export type Owner = "server" | "cli" | "test";

/**
 * creating → ready (frozen, in the pool) → leased → discarded. `lost`: the engine no longer has all
 * of its containers running or paused. An unfinished `creating` whose maker has died is garbage and
 * is removed at the next start of its owner.
 */
export type SandboxState = "creating" | "ready" | "leased" | "lost";

export interface SandboxRecord {
  id: string;
  topology: Topology;
  owner: Owner;
  state: SandboxState;
  frozen: boolean;
  createdAt: string;
  /** What it is used for: a session id, or a scenario's slug for the command line. */
  leasedFor?: string;
}

export interface ExecOptions {
  /** Default `root`. */
  user?: string;
  env?: Record<string, string>;
  cwd?: string;
  input?: string | Uint8Array;
  timeoutMs?: number;
  signal?: AbortSignal;
  maxOutputBytes?: number;
  /** What more output than that means, see {@link RunOptions.excess}. */
  excess?: RunOptions["excess"];
}

/** A cluster of one's own: some hosts on a network of their own. */
export interface Sandbox {
  readonly id: string;
  readonly topology: Topology;
  readonly hosts: readonly string[];
  /**
   * Path of a kubeconfig outside the sandbox: system:masters credentials that the learner's shell
   * cannot reach, server on loopback of this machine.
   */
  readonly kubeconfigPath: string;
  /**
   * Path, outside the sandbox, of what was noted down of its state after set-up; see
   * grading/beginning.ts. There is no file before that.
   */
  readonly baselinePath: string;
  /**
   * Runs a program on a host by argument vector, with a clean environment (fixed PATH, HOME=/root),
   * from outside the learner's shell.
   * @throws DrydockError `sandbox.unknown-host`, `sandbox.lost` when the container is gone.
   */
  exec(host: string, argv: readonly string[], options?: ExecOptions): Promise<RunResult>;
  /**
   * Asks the observer, which sees a host from outside: nothing in the sandbox has a say in the
   * answer.
   * @throws DrydockError `sandbox.unknown-host`, `sandbox.lost`, `observer.missing` when there is
   * nothing at a path, `observer.*`
   */
  readonly observe: AskHost;
  /** Writes a file on a host, making its folder; mode is octal text, default "0644". */
  writeFile(host: string, path: string, content: string | Uint8Array, mode?: string): Promise<void>;
  /** Reads a file on a host. @throws DrydockError `sandbox.no-file` */
  readFile(host: string, path: string): Promise<Uint8Array>;
  /**
   * The command that connects its standard input and output (pipes, no terminal) to the shell
   * keeper on a host; see image/go/cmd/shell for the frames. The keeper owns the pseudo-terminal,
   * so the shell outlives the connection and the server.
   */
  shellCommand(host: string, argv: readonly string[]): { file: string; args: string[]; env: Record<string, string> };
}

export interface CreateOptions {
  topology: Topology;
  owner: Owner;
  leasedFor?: string;
  signal?: AbortSignal;
  progress?: Progress;
  /** Gives way to whatever else wants the processor, until it is made. */
  inBackground?: boolean;
}

/**
 * Makes, finds and removes sandboxes. One implementation: kind on docker or podman. The engine's
 * labels are the truth about what exists; the records in the data directory say what was finished
 * and who has it.
 */
export interface SandboxProvider {
  /** Makes a sandbox whose nodes are all Ready; a failure or an abort leaves nothing behind. */
  create(options: CreateOptions): Promise<Sandbox>;
  /**
   * Keeps a golden cluster of a topology, of which every later sandbox is a quick copy; does
   * nothing where it is there. Until then, and without it, sandboxes are made from nothing. Takes
   * as long as making one so.
   */
  prepareCopies(options: Omit<CreateOptions, "leasedFor" | "inBackground">): Promise<void>;
  /** Every sandbox of this installation that the engine or the records know, whatever its state. */
  list(): Promise<SandboxRecord[]>;
  /** @throws DrydockError `sandbox.unknown`, `sandbox.lost` */
  open(id: string): Promise<Sandbox>;
  lease(id: string, leasedFor: string): Promise<void>;
  /**
   * Whether it was made from the node image that sandboxes are made from now; the image is made
   * first where it is missing.
   */
  isCurrent(id: string): Promise<boolean>;
  /**
   * Freezing uses no CPU and keeps all memory; a frozen one is thawed before it is used. Both may
   * be repeated.
   */
  freeze(id: string): Promise<void>;
  thaw(id: string): Promise<void>;
  /** Removes containers, volumes, network and record. Removing what is already gone is no error. */
  remove(id: string): Promise<void>;
  /**
   * Removes what no living maker owns: half-made sandboxes, records without containers, containers
   * without a record. Returns the ids removed.
   */
  collectGarbage(owner: Owner): Promise<string[]>;
}
