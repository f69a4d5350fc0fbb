import { join } from "node:path";
import { freePort } from "../../../labs/src/free-port.ts";
import { ACK_EVERY_BYTES, type TerminalServerFrame } from "../../../server/src/contract.ts";
import { Client } from "../../../server/src/testing/client.ts";
import { eventually } from "../../../server/src/testing/test-server.ts";
import { parents, startChild } from "./child.ts";
import { type Connection, connectSocket, type Contestant, type Protocol } from "./contestant.ts";
import type { GatewayArguments } from "./gateway-process.ts";

export interface Gateway extends Contestant {
  /** Where its page is. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface GatewayOptions extends Pick<Contestant, "name" | "file">, Omit<GatewayArguments, "port"> {
  /**
   * Process ids of the shells that keepers of this machine have: a keeper is its shell's parent,
   * and no child of the server.
   */
  shellPids: () => Promise<number[]>;
}

/** This project's server with the page, in a process of its own. */
export async function startGateway({ name, file, shellPids, ...given }: GatewayOptions): Promise<Gateway> {
  const port = await freePort();
  const script = join(import.meta.dirname, "gateway-process.ts");
  const args: GatewayArguments = { ...given, port };
  const child = await startChild(process.execPath, ["--import", "tsx", script, JSON.stringify(args)], port);
  const url = `http://127.0.0.1:${port}`;
  return {
    name,
    isOurs: true,
    file,
    url,
    stop: child.stop,
    async open() {
      const client = new Client(url);
      await client.get("/api/platform");
      const session = await eventually(async () => {
        const { status, body } = await client.post("/api/sessions", { scenario: "bench" });
        if (status >= 300 || body.state !== "ready") throw new Error(`no session: ${JSON.stringify(body)}`);
        return body.id as string;
      });
      return openShell(client, session);
    },
    async processes() {
      const parentOf = parents();
      const children = [...parentOf].filter(([, parent]) => parent === child.pid).map(([pid]) => pid);
      const keepers = (await shellPids()).map((pid) => parentOf.get(pid)!);
      return [child.pid, ...children, ...keepers];
    },
  };
}

/** A shell of its own on the control plane of a session that is ready. */
export async function openShell(client: Client, session: string): Promise<Connection> {
  const terminals = `/api/sessions/${session}/terminals`;
  const terminal = (await client.post(terminals, { host: "controlplane" })).body.id as string;
  const end = async () => void (await client.ask("DELETE", `${terminals}/${terminal}`));
  return connectSocket(client.stream(`${terminals}/${terminal}/stream?cols=80&rows=24`), protocol(end));
}

/**
 * As the page speaks it, which acknowledges what it has painted; this client paints nothing and has
 * always painted everything.
 */
function protocol(end: () => Promise<void>): Protocol {
  let taken = 0;
  let acknowledged = 0;
  return {
    end,
    input: (text) => Buffer.from(text),
    output(message, isBinary, reply) {
      if (!isBinary) {
        const frame = JSON.parse(message.toString("utf8")) as TerminalServerFrame;
        return frame.type === "screen" ? Buffer.from(frame.state.normal.lines.map(({ text }) => text).join("\n")) : undefined;
      }
      taken += message.length;
      if (taken - acknowledged >= ACK_EVERY_BYTES) {
        acknowledged = taken;
        reply(JSON.stringify({ type: "ack", bytes: taken }));
      }
      return message;
    },
  };
}
