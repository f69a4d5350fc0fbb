import { DrydockError } from "../../../labs/src/errors.ts";
import type { Sandbox } from "../../../labs/src/sandbox/provider.ts";
import type { Terminal } from "../contract.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { viewTerminal } from "../sessions/view.ts";
import type { Store } from "../store/store.ts";
import type { SessionRow, TerminalRow } from "../store/tables.ts";
import type { Hub } from "./hub.ts";
import type { ShellCommand } from "./shell-link.ts";
import { Typing } from "./typing.ts";

const MOST_PER_SESSION = 12;
const KILL_GRACE_MS = 5000;

export interface TerminalParts {
  store: Store;
  log: Log;
  metrics: Metrics;
  now: () => Date;
  newId: () => string;
  /** The sandbox of a session that is ready. */
  openSandbox: (session: string) => Promise<Sandbox>;
  /** Somebody types in a terminal of a session. */
  use: (session: string) => void;
  /** Something did not answer: have a look whether the sandbox is still there. */
  suspect: () => void;
  /** A session's terminals changed. */
  onChange: (session: string) => void;
}

/**
 * The terminals of all sessions: their rows in the store, and a hub for each that somebody has
 * looked at.
 */
export class Terminals {
  readonly #parts: TerminalParts;
  readonly #hubs = new Map<string, { session: string; hub: Hub }>();
  readonly #typing = new Typing();

  constructor(parts: TerminalParts) {
    this.#parts = parts;
  }

  /**
   * A new terminal on a host; its shell begins when somebody looks.
   * @throws DrydockError `session.not-ready`, `terminal.unknown-host`, `terminal.too-many`
   */
  async open(session: SessionRow, host: string): Promise<Terminal> {
    const { store, now, newId } = this.#parts;
    if (session.state !== "ready")
      throw new DrydockError("session.not-ready", "The sandbox is not ready", { advice: "Wait until it is" });
    const { hosts } = await this.#parts.openSandbox(session.id);
    if (!hosts.includes(host)) {
      throw new DrydockError("terminal.unknown-host", `This sandbox has no host ${host}`, {
        advice: `Its hosts: ${hosts.join(", ")}`,
      });
    }
    const others = await store.terminals.ofSession(session.id);
    if (others.length >= MOST_PER_SESSION) {
      throw new DrydockError("terminal.too-many", `A session has at most ${MOST_PER_SESSION} terminals`, {
        advice: "Close one first",
      });
    }
    const taken = new Set(others.filter((one) => one.host === host).map((one) => one.number));
    let number = 1;
    while (taken.has(number)) number += 1;
    const row: TerminalRow = {
      id: newId(),
      session: session.id,
      host,
      number,
      created_at: now().toISOString(),
      exited_at: null,
      exit_code: null,
    };
    await store.terminals.insert(row);
    this.#parts.onChange(session.id);
    return viewTerminal(row);
  }

  /** A session's terminal. @throws DrydockError `terminal.unknown` */
  async get(session: string, id: string): Promise<TerminalRow> {
    const row = await this.#parts.store.terminals.find(id);
    if (row?.session === session) return row;
    throw new DrydockError("terminal.unknown", "There is no such terminal");
  }

  /** Ends a terminal's shell and forgets it. */
  async close(session: string, id: string): Promise<void> {
    const row = await this.get(session, id);
    await this.#parts.store.terminals.remove(id);
    this.#drop(id, { code: "terminal.closed", message: "This terminal was closed" });
    if (!row.exited_at) void this.#kill(row);
    this.#parts.onChange(session);
  }

  /** What all windows of a terminal share. */
  async hub(row: TerminalRow): Promise<Hub> {
    const { Hub } = await import("./hub.ts");
    const known = this.#hubs.get(row.id);
    if (known) return known.hub;
    const { metrics } = this.#parts;
    const log = this.#logOf(row);
    const hub = new Hub({
      name: row.id,
      command: async (argv) => this.#command(row, argv),
      typing: this.#typing,
      onInput: () => this.#parts.use(row.session),
      exit: row.exited_at ? { code: row.exit_code } : undefined,
      onBroken: (why) => {
        log.warn(why, "the connection to a shell broke");
        this.#parts.suspect();
      },
      onExit: ({ code }) => void this.#noteExit(row, code),
      onOutput: (bytes) => metrics.terminalOutput.inc(bytes),
    });
    this.#hubs.set(row.id, { session: row.session, hub });
    return hub;
  }

  /** How many windows look at a terminal. */
  get windows(): number {
    return [...this.#hubs.values()].reduce((sum, { hub }) => sum + hub.viewerCount, 0);
  }

  /** The log of a terminal. */
  #logOf(row: TerminalRow): Log {
    return this.#parts.log.child({ session: row.session, terminal: row.id });
  }

  async #command(row: TerminalRow, argv: string[]): Promise<ShellCommand> {
    return (await this.#parts.openSandbox(row.session)).shellCommand(row.host, argv);
  }

  async #noteExit(row: TerminalRow, code: number | null): Promise<void> {
    const { store, now } = this.#parts;
    const log = this.#logOf(row);
    log.info({ code }, "a shell ended");
    await store.terminals
      .exited(row.id, now().toISOString(), code)
      .catch((error: unknown) => log.error({ err: error }, "the end of a shell could not be saved"));
  }

  async #kill(row: TerminalRow): Promise<void> {
    try {
      const { file, args, env } = await this.#command(row, ["kill", "--name", row.id]);
      const { tryRun } = await import("../../../labs/src/process.ts");
      await tryRun(file, args, { env, timeoutMs: KILL_GRACE_MS });
    } catch (error) {
      this.#logOf(row).warn({ err: error }, "a shell could not be ended");
    }
  }

  /** Forgets all terminals of a session whose sandbox goes away, and with it their shells. */
  async endOfSession(session: string, why: { code: string; message: string }): Promise<void> {
    for (const [id, one] of this.#hubs) if (one.session === session) this.#drop(id, why);
    await this.#parts.store.terminals.removeOfSession(session);
  }

  /** The sandbox of a session is gone, or does not answer. The terminals stay: it may come back. */
  loseSession(session: string): void {
    for (const [id, one] of this.#hubs) {
      if (one.session === session) this.#drop(id, { code: "lost", message: "The sandbox is gone or does not answer" });
    }
  }

  #drop(id: string, why: { code: string; message: string }): void {
    this.#hubs.get(id)?.hub.fail(why, 1000);
    this.#hubs.delete(id);
  }

  /** Lets go of all shells, which go on; windows are told that the server restarts. */
  stop(): void {
    for (const { hub } of this.#hubs.values()) hub.dispose();
    this.#hubs.clear();
  }
}
