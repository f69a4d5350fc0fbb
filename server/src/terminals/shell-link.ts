import { z } from "zod";
import { ENGINE_DIR } from "../../../labs/src/engine/client.ts";
import { startPiped } from "../../../labs/src/process.ts";
import { ackFrame, FrameReader, inputFrame, parseOutput, resizeFrame, type Frame } from "./frames.ts";

const helloSchema = z.object({
  pid: z.number(),
  startedAt: z.string(),
  first: z.number(),
  end: z.number(),
  cols: z.number(),
  rows: z.number(),
});
/**
 * What a keeper says first: which shell it keeps, and the offsets of the output that it still has.
 */
export type Hello = z.infer<typeof helloSchema>;

const exitSchema = z.object({ code: z.number().nullable(), signal: z.string().nullable() });
export type ShellExit = z.infer<typeof exitSchema>;

const failureSchema = z.object({ code: z.string(), message: z.string() });

export interface ShellLinkHandlers {
  onHello: (hello: Hello) => void;
  onOutput: (offset: number, bytes: Buffer) => void;
  onExit: (exit: ShellExit) => void;
  /** There is room for input again. */
  onDrain: () => void;
  /**
   * Called once, at the end of the connection however it came; says why, as far as anybody knows.
   */
  onClosed: (why: { code: string; message: string }) => void;
}

/** The command that connects to a keeper; see Sandbox.shellCommand. */
export interface ShellCommand {
  file: string;
  args: string[];
  env: Record<string, string>;
}

/** A connection to a shell keeper, until it breaks or is closed. */
export class ShellLink {
  readonly #process: ReturnType<typeof startPiped>;
  readonly #reader = new FrameReader();
  readonly #handlers: ShellLinkHandlers;
  #failure: { code: string; message: string } | undefined;
  #closed = false;

  constructor(command: ShellCommand, handlers: ShellLinkHandlers) {
    this.#handlers = handlers;
    this.#process = startPiped(command.file, command.args, {
      cwd: ENGINE_DIR,
      env: command.env,
      onOutput: (chunk) => this.#read(chunk),
      onDrain: () => handlers.onDrain(),
      onExit: ({ exitCode, said }) => {
        this.#closed = true;
        handlers.onClosed(this.#failure ?? { code: "ended", message: said || `the connection ended (${exitCode})` });
      },
    });
  }

  /**
   * Types into the shell; false when it takes no more for now ({@link ShellLinkHandlers.onDrain}
   * tells when it does).
   */
  input(bytes: Buffer): boolean {
    return this.#process.write(inputFrame(bytes));
  }

  resize(cols: number, rows: number): void {
    this.#process.write(resizeFrame(cols, rows));
  }

  ack(offset: number): void {
    this.#process.write(ackFrame(offset));
  }

  /** Leaves the shell running. */
  close(): void {
    this.#closed = true;
    this.#process.end();
  }

  #read(chunk: Buffer): void {
    if (this.#closed) return;
    try {
      this.#reader.push(chunk, (frame) => this.#handle(frame));
    } catch (error) {
      this.#failure = { code: "protocol", message: (error as Error).message };
      this.close();
    }
  }

  #handle({ kind, payload }: Frame): void {
    const json = (): unknown => JSON.parse(payload.toString("utf8"));
    if (kind === "o") {
      const { offset, bytes } = parseOutput(payload);
      this.#handlers.onOutput(offset, bytes);
    } else if (kind === "h") this.#handlers.onHello(helloSchema.parse(json()));
    else if (kind === "x") this.#handlers.onExit(exitSchema.parse(json()));
    else if (kind === "e") this.#failure = failureSchema.parse(json());
  }
}
