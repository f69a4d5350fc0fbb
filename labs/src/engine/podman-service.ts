import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DrydockError } from "../errors.ts";
import type { Engine } from "./engine.ts";

const START_DEADLINE_MS = 30_000;
const PAUSE_MS = 10;
/**
 * The service ends by itself when nobody has asked it anything for so long: this process may be
 * killed.
 */
const IDLE_S = 60;

export interface Answer {
  status: number;
  text: string;
}

/**
 * Starts podman's service (podman-system-service(1)) for one request: what its command line has no
 * option for.
 * @throws DrydockError `process.aborted`, `engine.service` when it does not come up
 */
export async function askPodman(podman: Engine, path: string, body: object, signal?: AbortSignal): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), "drydock-podman-"));
  const socket = join(folder, "sock");
  const stop = new AbortController();
  const service = podman
    .tryRun(["system", "service", "--time", String(IDLE_S), `unix://${socket}`], {
      signal: AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]),
    })
    .then(
      ({ stderr }) => stderr.trim() || "it ended",
      (error: unknown) => String(error),
    );
  let ended: string | undefined;
  void service.then((how) => (ended = how));
  try {
    for (const end = Date.now() + START_DEADLINE_MS; ; await sleep(PAUSE_MS)) {
      if (signal?.aborted) throw aborted(signal);
      const answer = await post(socket, path, body).catch((error: NodeJS.ErrnoException) => error);
      if (!(answer instanceof Error)) return answer;
      if (signal?.aborted) throw aborted(signal);
      const notUpYet = answer.code === "ENOENT" || answer.code === "ECONNREFUSED";
      if (notUpYet && ended === undefined && Date.now() < end) continue;
      throw new DrydockError("engine.service", `podman's service does not answer: ${ended ?? answer.message}`, { cause: answer });
    }
  } finally {
    stop.abort();
    await service;
    await rm(folder, { recursive: true, force: true });
  }
}

function aborted({ reason }: AbortSignal): DrydockError {
  return new DrydockError("process.aborted", "podman's service was stopped", { cause: reason });
}

function post(socketPath: string, path: string, body: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const asking = request({ socketPath, path, method: "POST", headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
    asking.on("error", reject);
    asking.end(JSON.stringify(body));
  });
}
