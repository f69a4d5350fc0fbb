import WebSocket from "ws";
import { freePort } from "../../../labs/src/free-port.ts";
import { startChild, type Child } from "./child.ts";
import { connectSocket, type Contestant } from "./contestant.ts";

/**
 * ttyd, version 1.7.4 or newer, at that path. It sends no faster than its client reads: nothing is
 * acknowledged.
 */
export async function startTtyd(path: string, file: string): Promise<Contestant & Pick<Child, "stop">> {
  const port = await freePort();
  const args = ["--port", String(port), "--interface", "lo", "--writable", "--debug", "1", "bash", "--norc"];
  const child = await startChild(path, args, port);
  return {
    name: "ttyd",
    isOurs: false,
    file,
    stop: child.stop,
    open: () =>
      connectSocket(new WebSocket(`ws://127.0.0.1:${port}/ws`, "tty"), {
        greeting: JSON.stringify({ AuthToken: "", columns: 80, rows: 24 }),
        input: (text) => Buffer.from(`0${text}`),
        // The first byte says what a frame is; 0 is output.
        output: (message) => (message[0] === 0x30 ? message.subarray(1) : undefined),
      }),
    processes: async () => [child.pid],
  };
}
