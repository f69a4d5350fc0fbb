import { ShellLink, type Hello, type ShellCommand, type ShellExit } from "./shell-link.ts";

/** Pauses between two tries to reach a shell again; the last one is repeated. */
const BACKOFF_MS = [100, 250, 500, 1000, 2000, 5000];
/** What may be typed while the connection is away, before whoever types is asked to wait. */
const QUEUED_INPUT_BYTES = 256 * 1024;
/** How much of a cut line is left out where the replay begins in the middle of the output. */
const CUT_LINE_BYTES = 4096;

export interface ShellOptions {
  /** The shell's name in the sandbox. */
  name: string;
  /**
   * The command that connects to the keeper with these arguments.
   * @throws what opening the sandbox throws
   */
  command: (argv: string[]) => Promise<ShellCommand>;
  size: () => { cols: number; rows: number };
  /**
   * The output begins anew at this offset: the first connection, another shell, or one whose older
   * output is gone.
   */
  onBegin: (offset: number) => void;
  /** Follows without a gap on what came before. */
  onOutput: (bytes: Buffer) => void;
  /** Output before this offset was there before we came. */
  onHello: (replayEnd: number) => void;
  onExit: (exit: ShellExit) => void;
  onDrain: () => void;
  /** The connection broke, or could not be made; it is tried again. */
  onBroken: (why: { code: string; message: string }) => void;
}

/**
 * A shell in a sandbox, whatever happens to the connection: reconnects from the last byte that it
 * has.
 */
export class Shell {
  readonly #options: ShellOptions;
  #link: ShellLink | undefined;
  #hello: Hello | undefined;
  /** Whether the link has said hello. */
  #connected = false;
  #connecting = false;
  #wanted = false;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #queued: Buffer[] = [];
  #queuedBytes = 0;
  #mayCutLine = false;
  /** Offset after the last byte that was handed on. */
  end = 0;

  constructor(options: ShellOptions) {
    this.#options = options;
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Connects, and stays so until {@link Shell.disconnect}. */
  connect(): void {
    this.#wanted = true;
    if (!this.#link && !this.#connecting && !this.#retry) void this.#connect();
  }

  /** Leaves the shell to itself; its output is kept in the sandbox. */
  disconnect(): void {
    this.#wanted = false;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#link?.close();
    this.#link = undefined;
    this.#connected = false;
  }

  /**
   * Types; false asks for a pause until `onDrain`. What comes while the connection is away waits
   * for it.
   */
  input(bytes: Buffer): boolean {
    if (this.#link && this.#connected) return this.#link.input(bytes);
    this.#queued.push(bytes);
    this.#queuedBytes += bytes.length;
    return this.#queuedBytes < QUEUED_INPUT_BYTES;
  }

  resize(cols: number, rows: number): void {
    if (this.#connected) this.#link?.resize(cols, rows);
  }

  ack(offset: number): void {
    if (this.#connected) this.#link?.ack(offset);
  }

  async #connect(): Promise<void> {
    this.#connecting = true;
    const { cols, rows } = this.#options.size();
    const from = this.#hello ? ["--from", String(this.end)] : [];
    const argv = [
      "attach",
      "--name",
      this.#options.name,
      ...from,
      "--cols",
      String(cols),
      "--rows",
      String(rows),
      "--",
      "/bin/bash",
      "-l",
    ];
    try {
      const command = await this.#options.command(argv);
      if (this.#wanted) this.#open(command, { cols, rows });
    } catch (error) {
      this.#broken({ code: (error as { code?: string }).code ?? "failed", message: (error as Error).message });
    } finally {
      this.#connecting = false;
    }
  }

  #open(command: ShellCommand, asked: { cols: number; rows: number }): void {
    const link: ShellLink = new ShellLink(command, {
      onHello: (hello) => link === this.#link && this.#greet(hello, asked),
      onOutput: (offset, bytes) => link === this.#link && this.#take(offset, bytes),
      onExit: (exit) => link === this.#link && this.#options.onExit(exit),
      onDrain: () => this.#options.onDrain(),
      onClosed: (why) => {
        if (link !== this.#link) return;
        this.#link = undefined;
        this.#connected = false;
        this.#broken(why);
      },
    });
    this.#link = link;
  }

  #greet(hello: Hello, asked: { cols: number; rows: number }): void {
    const known = this.#hello;
    this.#hello = hello;
    this.#connected = true;
    this.#failures = 0;
    if (known?.pid !== hello.pid || known.startedAt !== hello.startedAt) this.#begin(hello.first);
    const { cols, rows } = this.#options.size();
    if (cols !== asked.cols || rows !== asked.rows) this.resize(cols, rows);
    for (const bytes of this.#queued) this.#link?.input(bytes);
    this.#queued = [];
    this.#queuedBytes = 0;
    this.#options.onHello(hello.end);
    this.#options.onDrain();
  }

  #begin(offset: number): void {
    this.end = offset;
    this.#mayCutLine = offset > 0;
    this.#options.onBegin(offset);
  }

  #take(offset: number, bytes: Buffer): void {
    if (offset > this.end) this.#begin(offset);
    let news = bytes.subarray(this.end - offset);
    if (this.#mayCutLine) {
      this.#mayCutLine = false;
      const cut = news.subarray(0, CUT_LINE_BYTES).indexOf("\n") + 1;
      if (cut > 0) this.#options.onBegin((this.end += cut));
      news = news.subarray(cut);
    }
    if (news.length === 0) return;
    this.end += news.length;
    this.#options.onOutput(news);
  }

  #broken(why: { code: string; message: string }): void {
    if (!this.#wanted) return;
    const pauseMs = BACKOFF_MS[Math.min(this.#failures, BACKOFF_MS.length - 1)];
    this.#failures += 1;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      void this.#connect();
    }, pauseMs);
    this.#options.onBroken(why);
  }
}
