import type { Connection, Contestant } from "./contestant.ts";

/** The part of node-pty that is used. */
interface Pty {
  onData(listener: (data: Buffer) => void): void;
  write(text: string): void;
  pause(): void;
  kill(signal: string): void;
}
interface NodePty {
  spawn(file: string, args: string[], options: { cols: number; rows: number; cwd: string; encoding: null }): Pty;
}

/**
 * The floor: a pseudo-terminal in this very process. An echo consists of one write to it, the
 * kernel's answer and one turn of the event loop; there is no server, no socket and no second
 * process but the shell.
 */
export function rawNodePty(require: NodeJS.Require, file: string): Contestant {
  const { spawn } = require("node-pty") as NodePty;
  return {
    name: "raw node-pty",
    isOurs: false,
    file,
    async open() {
      const pty = spawn("/bin/bash", ["--norc"], { cols: 80, rows: 24, cwd: "/tmp", encoding: null });
      const connection: Connection = {
        onOutput: () => undefined,
        type: (text) => pty.write(text),
        stall: () => pty.pause(),
        close: async () => pty.kill("SIGKILL"),
      };
      pty.onData((data) => connection.onOutput(data));
      await new Promise<void>((resolve) => (connection.onOutput = () => resolve()));
      return connection;
    },
    processes: async () => [],
  };
}
