/**
 * What the observer is asked, and what it answers; the other side is image/go/cmd/observer. Checks
 * get these answers through `host`, `net` and `runtime` of their context, which word them for
 * authors.
 */
export interface Questions {
  stat: { asked: { path: string }; answer: FileStatAnswer };
  read: { asked: { path: string }; answer: { content: string } };
  digest: { asked: { path: string; lastBytes: number }; answer: { sizeBytes: number; sha256: string; last: string } };
  count: { asked: { path: string; text: string }; answer: { count: number } };
  snapshot: { asked: { path: string; keys: readonly string[] }; answer: SnapshotAnswer };
  processes: { asked: { name: string }; answer: { pid: number; ageMs: number }[] };
  containers: { asked: object; answer: RunningContainer[] };
  "open-files": { asked: { container: string }; answer: { path: string; id: string }[] };
  unit: { asked: { name: string }; answer: { load: string; active: string; sub: string; enabled: string } };
  get: { asked: Visit; answer: GetAnswer };
  connect: { asked: { container: string; address: string; timeoutMs: number }; answer: { connected: boolean; error?: string } };
  poll: { asked: Visit & { everyMs: number; withinMs: number }; answer: PollAnswer };
  "traffic-start": { asked: Visit & TrafficName & { everyMs: number }; answer: object };
  "traffic-report": { asked: TrafficName; answer: TrafficAnswer };
  "traffic-pause": { asked: { sandbox: string }; answer: object };
  "traffic-resume": { asked: { sandbox: string }; answer: object };
}

export type Ask = keyof Questions;
/** One question, with its name in `ask`. */
export type Question<A extends Ask = Ask> = { [K in A]: { ask: K } & Questions[K]["asked"] }[A];
export type Answer<A extends Ask> = Questions[A]["answer"];

/**
 * Asks about a host of a sandbox. `stop` ends a poll: what it has found by then is its answer.
 * Rejects with what `Observer.ask` throws.
 */
export type AskHost = <A extends Ask>(host: string, question: Question<A>, options?: AskOptions) => Promise<Answer<A>>;

export interface AskOptions {
  /** Longest wait for the answer; default 15 000. */
  timeoutMs?: number;
  stop?: AbortSignal;
}

/** One HTTP request: from the node, or from the network of one of its containers. */
export interface Visit {
  url: string;
  container?: string;
  headers?: Record<string, string>;
  timeoutMs?: number;
}

export interface TrafficName {
  sandbox: string;
  name: string;
}

export interface FileStatAnswer {
  type: "file" | "directory" | "other";
  mode: string;
  owner: string;
  group: string;
  sizeBytes: number;
  modifiedMs: number;
  id: string;
  isLink: boolean;
  changedAgeMs: number;
  /** -1 where the file system does not record it. */
  createdAgeMs: number;
}

export interface SnapshotAnswer {
  valid: boolean;
  problem?: string;
  revision: number;
  keys: number;
  /** In base64. */
  values: Record<string, string>;
}

export interface RunningContainer {
  id: string;
  /**
   * The uid of its pod as the kubelet knows it; 32 hexadecimal digits without dashes for a static
   * pod. Empty for a container that is in no pod.
   */
  pod: string;
  /** Holds a pod's network and runs no program of the pod's. */
  sandbox: boolean;
  /** These three are for people: root on the node can change them. */
  namespace: string;
  podName: string;
  name: string;
  /** Names of the programs that run in it. */
  programs: string[];
  ageMs: number;
}

export interface GetAnswer {
  answered: boolean;
  status: number;
  body: string;
  error?: string;
  servedFrom?: string;
  servedBy?: string[];
}

export interface PollAnswer {
  total: number;
  failures: { atMs: number; status: number; error?: string }[];
  durationMs: number;
  servedFrom: Record<string, number>;
}

export interface TrafficAnswer {
  beats: number;
  lost: number;
  losses: { beat: number; atMs: number; status: number; error?: string }[];
  gaps: number;
  servedFrom: Record<string, number>;
  recordedMs: number;
}
