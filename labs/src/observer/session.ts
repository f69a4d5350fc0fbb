import { StringDecoder } from "node:string_decoder";
import { z } from "zod";
import { ENGINE_DIR } from "../engine/client.ts";
import { DrydockError } from "../errors.ts";
import { startPiped, type PipedProcess } from "../process.ts";

/** A line of the observer's output. */
const lineSchema = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z.string().optional(),
  code: z.string().optional(),
});

/** Most characters of a line; an answer holds a file at most. */
const MAX_LINE = 64 * 1024 * 1024;

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: DrydockError) => void;
}

/**
 * One connection with the observer: questions go out as lines of JSON, answers come back in any
 * order.
 */
export class Session {
  readonly #process: PipedProcess;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  readonly #decoder = new StringDecoder("utf8");
  #unread = "";
  #ended: DrydockError | undefined;

  /** @param onEnd called once, when no more can be asked */
  constructor(command: { file: string; args: readonly string[]; env: Record<string, string> }, onEnd: () => void) {
    this.#process = startPiped(command.file, command.args, {
      cwd: ENGINE_DIR,
      env: command.env,
      background: true,
      onOutput: (chunk) => this.#read(this.#decoder.write(chunk)),
      onDrain: () => undefined,
      onExit: ({ said }) => {
        this.#end(new DrydockError("observer.lost", `The observer does not answer${said ? `: ${said}` : ""}`));
        onEnd();
      },
    });
  }

  /**
   * @throws DrydockError `observer.lost` when the connection ends, `observer.late` after
   * `timeoutMs`, `observer.gone` when the node is another process now, `observer.missing` when
   * there is nothing at a path, `observer.failed` for anything else
   */
  async ask(question: object, { timeoutMs = 15_000, stop }: { timeoutMs?: number; stop?: AbortSignal } = {}): Promise<unknown> {
    if (this.#ended) throw this.#ended;
    const id = ++this.#last;
    const cancel = () => this.#write({ ask: "cancel", target: id });
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        timer = setTimeout(() => {
          cancel();
          reject(new DrydockError("observer.late", `The observer has not answered within ${timeoutMs / 1000} s`));
        }, timeoutMs);
        this.#write({ ...question, id });
        if (stop?.aborted) cancel();
        stop?.addEventListener("abort", cancel);
      });
    } finally {
      clearTimeout(timer);
      stop?.removeEventListener("abort", cancel);
      this.#waiting.delete(id);
    }
  }

  /** Ends the connection; what is still waited for is rejected. */
  close(): void {
    this.#end(new DrydockError("observer.lost", "The connection with the observer was closed"));
    this.#process.end();
  }

  #write(message: object): void {
    this.#process.write(Buffer.from(`${JSON.stringify(message)}\n`));
  }

  #read(text: string): void {
    this.#unread += text;
    for (let end = this.#unread.indexOf("\n"); end >= 0; end = this.#unread.indexOf("\n")) {
      const line = this.#unread.slice(0, end);
      this.#unread = this.#unread.slice(end + 1);
      this.#answer(line);
    }
    if (this.#unread.length > MAX_LINE) this.close();
  }

  #answer(line: string): void {
    const { id, result, error, code } = lineSchema.parse(JSON.parse(line));
    const waiting = this.#waiting.get(id);
    if (error === undefined) waiting?.resolve(result ?? {});
    else waiting?.reject(new DrydockError(`observer.${code || "failed"}`, error));
  }

  #end(why: DrydockError): void {
    this.#ended ??= why;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
