import { connect } from "node:net";

const PATIENCE_MS = 10_000;

/**
 * Sends a request as these very bytes, which no HTTP client would send, to the loopback.
 * @returns the status of the answer; 0 where the connection was closed without one
 */
export function sendRaw(port: number, lines: readonly string[], body = ""): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let said = "";
    const end = (status: number) => {
      resolve(status);
      socket.destroy();
    };
    socket.setTimeout(PATIENCE_MS, () => {
      reject(new Error(`no answer to ${lines.join(" | ")}`));
      socket.destroy();
    });
    socket.on("data", (chunk: Buffer) => {
      said += chunk.toString("latin1");
      const status = /^HTTP\/1\.\d (\d{3})/.exec(said)?.[1];
      if (status) end(Number(status));
    });
    socket.on("error", () => end(0));
    socket.on("close", () => end(0));
    socket.write(Buffer.from([...lines, "", body].join("\r\n"), "utf8"));
  });
}
