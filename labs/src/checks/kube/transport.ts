import { Agent, request } from "node:https";

/**
 * Where the API server is and how the grader proves who it is; all PEM texts. Read from the
 * kubeconfig by the runner.
 */
export interface ClusterAccess {
  server: string;
  ca: string;
  cert?: string;
  key?: string;
  token?: string;
}

/** An answer of the API server that is not 2xx. `status` 404 means that there is no such object. */
export class KubeError extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(operation: string, status: number, reason: string, message: string) {
    super(`${operation}: ${message || reason || `HTTP ${status}`}`);
    this.name = "KubeError";
    this.status = status;
    this.reason = reason;
  }
}

/** The API server did not answer at all: refused, reset, or too late. */
export class KubeUnreachable extends Error {
  constructor(operation: string, cause: Error) {
    super(`${operation}: the API server does not answer (${cause.message})`, { cause });
    this.name = "KubeUnreachable";
  }
}

export interface Transport {
  /**
   * One request; the body is JSON unless `contentType` says otherwise.
   * @throws KubeError, KubeUnreachable
   */
  call(method: string, path: string, options?: CallOptions): Promise<{ status: number; text: string }>;
  /**
   * The API server's clock at its last answer, advanced by our own: ages are judged by one clock.
   */
  now(): number;
  close(): void;
}

export interface CallOptions {
  body?: unknown;
  contentType?: string;
  /** Default 5 000. */
  timeoutMs?: number;
  /** Most bytes of an answer; default 16 MiB. */
  maxBytes?: number;
}

/** A client with TLS verified against the cluster's own CA, on connections that are kept. */
export function createTransport(access: ClusterAccess): Transport {
  const agent = new Agent({ keepAlive: true, maxSockets: 6, ca: access.ca, cert: access.cert, key: access.key });
  let skewMs = 0;
  return {
    now: () => Date.now() + skewMs,
    close: () => agent.destroy(),
    async call(method, path, options = {}) {
      const operation = `${method} ${path}`;
      const answer = await send(agent, access, method, path, options).catch((error: Error) => {
        throw new KubeUnreachable(operation, error);
      });
      const date = Date.parse(answer.date ?? "");
      if (Number.isFinite(date) && Math.abs(date - Date.now()) > 2000) skewMs = date - Date.now();
      if (answer.status >= 200 && answer.status < 300) return answer;
      const said = parseStatus(answer.text);
      throw new KubeError(operation, answer.status, said.reason, said.message);
    },
  };
}

function send(
  agent: Agent,
  access: ClusterAccess,
  method: string,
  path: string,
  options: CallOptions,
): Promise<{ status: number; text: string; date?: string }> {
  const { timeoutMs = 5000, maxBytes = 16 * 1024 * 1024 } = options;
  const body = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body));
  const headers: Record<string, string> = { accept: "application/json", "user-agent": "drydock-grader" };
  if (access.token) headers.authorization = `Bearer ${access.token}`;
  if (body)
    Object.assign(headers, { "content-type": options.contentType ?? "application/json", "content-length": String(body.length) });
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, access.server), { method, agent, headers, signal: AbortSignal.timeout(timeoutMs) });
    outgoing.on("error", (error) => reject(error.name === "AbortError" ? new Error(`no answer in ${timeoutMs} ms`) : error));
    outgoing.on("response", (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBytes) incoming.destroy(new Error(`the answer is larger than ${maxBytes} bytes`));
        else chunks.push(chunk);
      });
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8"), date: incoming.headers.date }),
      );
    });
    outgoing.end(body);
  });
}

function parseStatus(text: string): { reason: string; message: string } {
  try {
    const status = JSON.parse(text) as { reason?: string; message?: string };
    return { reason: status.reason ?? "", message: status.message ?? "" };
  } catch {
    return { reason: "", message: text.slice(0, 300) };
  }
}
