import type WebSocket from "ws";

/** One shell at the end of a connection, of which nobody else knows. */
export interface Connection {
  /** Called with each piece of output; set by whoever measures. */
  onOutput: (bytes: Buffer) => void;
  type(text: string): void;
  /** Takes no output any more, as a page that hangs. */
  stall(): void;
  /** Ends the shell and the connection. */
  close(): Promise<void>;
}

/** A way from a client in this process to a shell. */
export interface Contestant {
  readonly name: string;
  /** The targets are this project's own: the others are there to be compared with. */
  readonly isOurs: boolean;
  /** File that the measurement of throughput prints, where this contestant's shells run. */
  readonly file: string;
  /** Starts a shell, in a session of its own. Resolves when it has printed its prompt. */
  open(): Promise<Connection>;
  /**
   * Ids of all processes between the client and the shells, without either; none where that is this
   * process.
   */
  processes(): Promise<number[]>;
}

/** What a WebSocket carries, besides the bytes. */
export interface Protocol {
  /** The frame that types `text`. */
  input(text: string): string | Buffer;
  /**
   * The output in a message, where there is some. `reply` sends what the other side expects for it:
   * an acknowledgement, a pong.
   */
  output(message: Buffer, isBinary: boolean, reply: (frame: string) => void): Buffer | undefined;
  /** Sent first of all. */
  greeting?: string;
  /** Called before the socket is closed. */
  end?: () => Promise<void>;
}

/** How long a contestant may take to show its prompt. */
const PROMPT_MS = 20_000;

/** A shell behind a WebSocket. Resolves with its first output. */
export async function connectSocket(socket: WebSocket, protocol: Protocol): Promise<Connection> {
  const connection: Connection = {
    onOutput: () => undefined,
    type: (text) => socket.send(protocol.input(text)),
    stall: () => socket.pause(),
    async close() {
      await protocol.end?.();
      socket.terminate();
    },
  };
  const reply = (frame: string) => socket.send(frame);
  socket.on("open", () => protocol.greeting && reply(protocol.greeting));
  socket.on("message", (message: Buffer, isBinary) => {
    const bytes = protocol.output(message, isBinary, reply);
    if (bytes?.length) connection.onOutput(bytes);
  });
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${socket.url} shows no prompt`)), PROMPT_MS);
    connection.onOutput = () => (clearTimeout(late), resolve());
    socket.on("error", reject);
    socket.on("close", (code) => reject(new Error(`${socket.url} closed with ${code}`)));
  });
  return connection;
}
