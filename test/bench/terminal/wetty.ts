import { dirname, join } from "node:path";
import WebSocket from "ws";
import { freePort } from "../../../labs/src/free-port.ts";
import { startChild, type Child } from "./child.ts";
import { connectSocket, type Contestant, type Protocol } from "./contestant.ts";

/**
 * wetty's page commits each time that it has painted so many characters (FlowControlClient in its
 * shared sources).
 */
const COMMIT_EVERY = 2 ** 18;

/** wetty, with a shell of this machine and no ssh, which it only does for root. */
export async function startWetty(require: NodeJS.Require, file: string): Promise<Contestant & Pick<Child, "stop">> {
  const port = await freePort();
  const args = [
    "--port",
    String(port),
    "--host",
    "127.0.0.1",
    "--base",
    "/wetty",
    "--command",
    "bash --norc",
    "--log-level",
    "error",
  ];
  const child = await startChild(process.execPath, [join(dirname(require.resolve("wetty")), "main.js"), ...args], port);
  return {
    name: "wetty",
    isOurs: false,
    file,
    stop: child.stop,
    open: () => connectSocket(new WebSocket(`ws://127.0.0.1:${port}/wetty/socket.io/?EIO=4&transport=websocket`), protocol()),
    processes: async () => [child.pid],
  };
}

/** Socket.IO in text frames: 0 open, 2 ping, 3 pong, 40 connect, 42 an event. */
function protocol(): Protocol {
  let uncommitted = 0;
  return {
    input: (text) => `42${JSON.stringify(["input", text])}`,
    output(message, _isBinary, reply) {
      const text = message.toString("utf8");
      if (text.startsWith("0")) reply("40");
      if (text === "2") reply("3");
      if (!text.startsWith('42["data"')) return undefined;
      const [, data] = JSON.parse(text.slice(2)) as [string, string];
      for (uncommitted += data.length; uncommitted >= COMMIT_EVERY; uncommitted -= COMMIT_EVERY) {
        reply(`42${JSON.stringify(["commit", COMMIT_EVERY])}`);
      }
      return Buffer.from(data);
    },
  };
}
