import type { WebSocket } from "ws";
import { terminalClientFrameSchema } from "../contract.ts";
import type { Hub } from "./hub.ts";
import { Viewer } from "./viewer.ts";

const PING_EVERY_MS = 20_000;
/** Close code for a frame that is not what the contract says. */
export const BAD_FRAME = 1008;

/**
 * Makes a WebSocket a viewer of a hub, until it closes. A frame that is not as the contract says
 * closes this socket and nothing else.
 */
export function connectViewer(socket: WebSocket, hub: Hub, size: { cols: number; rows: number }): void {
  const viewer = new Viewer(
    {
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
      send: (data, done) => socket.readyState === socket.OPEN && socket.send(data, { binary: typeof data !== "string" }, done),
      close: (code, reason) => socket.close(code, reason),
    },
    size.cols,
    size.rows,
  );
  const stopPinging = keepAlive(socket);
  socket.on("message", (data, isBinary) => {
    const bytes = data as Buffer;
    if (isBinary) {
      if (!hub.type(viewer, bytes)) socket.pause();
      return;
    }
    const frame = parseFrame(bytes);
    if (!frame) return socket.close(BAD_FRAME, "not a frame of the contract");
    if (frame.type === "ack") hub.acknowledge(viewer, frame.bytes);
    else if (frame.type === "resize") hub.resize(viewer, frame.cols, frame.rows);
    else hub.answer(viewer, frame.data);
  });
  const resume = () => socket.resume();
  hub.onDrain.add(resume);
  socket.on("close", () => {
    stopPinging();
    hub.onDrain.delete(resume);
    hub.leave(viewer);
  });
  hub.join(viewer);
}

function parseFrame(bytes: Buffer) {
  try {
    return terminalClientFrameSchema.safeParse(JSON.parse(bytes.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

/** Ends a connection whose other side does not answer any more. */
function keepAlive(socket: WebSocket): () => void {
  let answered = true;
  socket.on("pong", () => (answered = true));
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, PING_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
