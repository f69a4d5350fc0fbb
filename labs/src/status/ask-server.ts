import { DrydockError } from "../errors.ts";
import { parsePrometheus } from "./prometheus.ts";
import { readServerStatus, type ServerStatus } from "./server-status.ts";
import type { ServerNote } from "./server-note.ts";

/** It answers from memory: one that takes longer does not answer at all. */
const PATIENCE_MS = 5000;

/**
 * Asks the server of a note how things stand. Undefined where nobody listens at its address: the
 * note is of a server that was killed, and its process number is somebody else's by now.
 * @throws DrydockError `status.no-answer`, `status.not-ours`
 */
export async function askServer(
  note: ServerNote,
  signal: AbortSignal,
  patienceMs = PATIENCE_MS,
): Promise<ServerStatus | undefined> {
  const address = new URL("/metrics", reachable(note.url));
  const where = `The server at ${note.url} (process ${note.pid})`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(address, { signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) });
    text = await response.text();
  } catch (error) {
    if (signal.aborted) throw error;
    if ((error as { cause?: { code?: string } }).cause?.code === "ECONNREFUSED") return undefined;
    const late = (error as Error).name === "TimeoutError";
    throw new DrydockError("status.no-answer", `${where} does not answer${late ? ` within ${patienceMs / 1000} s` : ""}`, {
      advice: "Look into server.log in the data directory; if it hangs, stop it and start it again",
      cause: error,
    });
  }
  const status = response.ok ? readServerStatus(note, parsePrometheus(text)) : undefined;
  if (status) return status;
  throw new DrydockError(
    "status.not-ours",
    `${where} answers ${address.pathname} with ${response.status}, not with Drydock's metrics`,
    {
      advice: "It is another version or another program: stop it and start Drydock again",
    },
  );
}

/**
 * A server that listens everywhere is asked at the loopback address: the one that stands for all is
 * nobody's name.
 */
export function reachable(url: string): string {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}
