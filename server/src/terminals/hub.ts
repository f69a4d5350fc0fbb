import { Pace } from "./pace.ts";
import { RecentOutput } from "./recent-output.ts";
import { Screen, SCREEN_LAG_BYTES, SCROLLBACK_LINES } from "./screen.ts";
import { Shell, type ShellOptions } from "./shell.ts";
import type { ShellExit } from "./shell-link.ts";
import type { Typing } from "./typing.ts";
import type { Viewer } from "./viewer.ts";

/**
 * What is kept for viewers that are a little behind: all that the screen does not show yet, and
 * more than the keeper's window and a viewer's together.
 */
const RECENT_BYTES = SCREEN_LAG_BYTES + 1024 * 1024;
/** How long the connection to the shell is kept when nobody looks. */
const IDLE_MS = 60_000;
/** A screen waits so long for the second half of a sequence. */
const OPEN_TAIL_MS = 100;
/** One that fell behind gets a fresh screen so often at most: making one takes some 20 ms. */
const CATCH_UP_MS = 500;
const CATCH_UP_LINES = 1000;
const RESIZE_EVERY_MS = 40;

export interface HubOptions extends Pick<ShellOptions, "name" | "command" | "onBroken"> {
  /** How its shell ended, where it has ended already. */
  exit?: { code: number | null };
  onExit: (exit: ShellExit) => void;
  /** Who types, of all shells. */
  typing: Typing;
  /** Somebody types. */
  onInput: () => void;
  /** So many bytes came from the shell. */
  onOutput: (bytes: number) => void;
}

/**
 * One shell and all windows that look at it. The screen is kept here, so that each window comes to
 * the same one.
 */
export class Hub {
  readonly #viewers = new Set<Viewer>();
  readonly #shell: Shell;
  readonly #pace: Pace;
  #screen = new Screen(80, 24, () => undefined);
  #output = new RecentOutput(RECENT_BYTES);
  /** Offset up to which the screen has taken the output in. */
  #parsed = 0;
  /**
   * Output before this was there when we, or the latest window, came: a screen without it is not
   * shown. Infinite until the shell has answered.
   */
  #replayEnd = Infinity;
  #exit: { code: number | null } | undefined;
  #passingOn = false;
  #typed = 0;
  #idle: NodeJS.Timeout | undefined;
  #catchUp: NodeJS.Timeout | undefined;
  #openTail: NodeJS.Timeout | undefined;
  #tailExpired = false;
  #resize: NodeJS.Timeout | undefined;
  readonly #typing: Typing;
  readonly #onInput: () => void;
  /** Called when input may go on. */
  readonly onDrain = new Set<() => void>();

  constructor(options: HubOptions) {
    this.#exit = options.exit;
    this.#typing = options.typing;
    this.#onInput = options.onInput;
    this.#pace = new Pace({
      viewers: this.#viewers,
      givesWay: () => this.#typing.isElsewhere(this),
      onRoom: () => this.#acknowledge(),
    });
    this.#shell = new Shell({
      name: options.name,
      command: options.command,
      onBroken: options.onBroken,
      size: () => ({ cols: this.#screen.cols, rows: this.#screen.rows }),
      onBegin: (offset) => this.#begin(offset),
      onOutput: (bytes) => {
        options.onOutput(bytes.length);
        this.#take(bytes);
      },
      onHello: (replayEnd) => {
        this.#replayEnd = replayEnd;
        this.#pace.restart(this.#output.end);
        this.#showWaiting();
      },
      onExit: (exit) => {
        this.#exit = { code: exit.code };
        options.onExit(exit);
        this.#acknowledge();
        this.#pump();
      },
      onDrain: () => this.onDrain.forEach((resume) => resume()),
    });
    this.#begin(0);
  }

  get viewerCount(): number {
    return this.#viewers.size;
  }

  /** A window begins to look. It gets the screen as soon as there is one. */
  join(viewer: Viewer): void {
    clearTimeout(this.#idle);
    viewer.onRoom = () => this.#pumpOne(viewer);
    this.#replayEnd = Math.max(this.#replayEnd, this.#output.end);
    if (this.#viewers.size === 0) viewer.typedAt = ++this.#typed;
    this.#viewers.add(viewer);
    this.#applySize(viewer);
    if (!this.#exit) this.#shell.connect();
    this.#showWaiting();
  }

  leave(viewer: Viewer): void {
    const decided = this.#decider === viewer;
    if (!this.#viewers.delete(viewer)) return;
    const next = this.#decider;
    if (decided && next) {
      this.#applySize();
      next.send({ type: "size", cols: this.#screen.cols, rows: this.#screen.rows });
    }
    this.#acknowledge();
    if (this.#viewers.size > 0) return;
    this.#idle = setTimeout(() => this.#shell.disconnect(), IDLE_MS);
    this.#idle.unref();
  }

  /**
   * What was typed in a window, which decides the size from now on. Answers false when no more
   * should come until `onDrain`.
   */
  type(viewer: Viewer, bytes: Buffer): boolean {
    if (bytes.length === 0) return true;
    viewer.typedAt = ++this.#typed;
    this.#typing.note(this);
    this.#onInput();
    this.#applySize(viewer);
    return this.#exit ? true : this.#shell.input(bytes);
  }

  /** What a window's emulator answered to a query. All of them answer; one is passed on. */
  answer(viewer: Viewer, data: string): void {
    if (viewer === this.#decider && !this.#exit) this.#shell.input(Buffer.from(data, "utf8"));
  }

  /** The window has another size now. Many changes in a row are gathered. */
  resize(viewer: Viewer, cols: number, rows: number): void {
    Object.assign(viewer, { cols, rows });
    this.#resize ??= setTimeout(() => {
      this.#resize = undefined;
      this.#applySize(this.#decider);
    }, RESIZE_EVERY_MS);
  }

  acknowledge(viewer: Viewer, bytes: number): void {
    if (!viewer.acknowledge(bytes)) return;
    this.#pumpOne(viewer);
    this.#acknowledge();
  }

  /** The shell can't be reached any more: every window is told why, and closed. */
  fail(error: { code: string; message: string }, closeCode: number): void {
    for (const viewer of this.#viewers) viewer.fail(error, closeCode);
    this.dispose();
  }

  /** Lets go of the shell, which goes on; windows are closed with this code. */
  dispose(closeCode = 1012): void {
    for (const timer of [this.#idle, this.#catchUp, this.#openTail, this.#resize]) clearTimeout(timer);
    for (const viewer of this.#viewers) viewer.close(closeCode, "restart");
    this.#viewers.clear();
    this.#pace.dispose();
    this.#shell.disconnect();
    this.#screen.dispose();
  }

  /** The window typed in last; of those never typed in the one that came first. */
  get #decider(): Viewer | undefined {
    let decider: Viewer | undefined;
    for (const viewer of this.#viewers) if (!decider || viewer.typedAt > decider.typedAt) decider = viewer;
    return decider;
  }

  /** Gives the shell the deciding window's size. The others are told, `by` knows. */
  #applySize(by?: Viewer): void {
    const decider = this.#decider;
    if (!decider) return;
    const { cols, rows } = decider;
    if (cols === this.#screen.cols && rows === this.#screen.rows) return;
    this.#screen.resize(cols, rows);
    this.#shell.resize(cols, rows);
    for (const viewer of this.#viewers) if (viewer !== by && viewer.started) viewer.send({ type: "size", cols, rows });
  }

  #begin(offset: number): void {
    const { cols, rows } = this.#screen;
    this.#screen.dispose();
    this.#output = new RecentOutput(RECENT_BYTES, offset);
    this.#parsed = offset;
    this.#pace.restart(offset);
    const screen = new Screen(cols, rows, (bytes) => {
      this.#parsed = offset + bytes;
      this.#acknowledge();
      this.#showWaiting();
    });
    this.#screen = screen;
    for (const viewer of this.#viewers) viewer.restart();
  }

  #take(bytes: Buffer): void {
    this.#screen.write(bytes);
    this.#output.append(bytes);
    if (this.#passingOn) return;
    this.#passingOn = true;
    // What was read from the shell at once comes in many pieces: it is passed on as one.
    process.nextTick(() => {
      this.#passingOn = false;
      this.#pump();
      this.#acknowledge();
      this.#showWaiting();
    });
  }

  #acknowledge(): void {
    const { end } = this.#output;
    const offset = this.#pace.next(Math.min(this.#parsed + SCREEN_LAG_BYTES, end), end);
    if (offset !== undefined) this.#shell.ack(offset);
    if (this.#exit && this.#pace.acked === this.#output.end) this.#shell.disconnect();
  }

  /** Shows the screen to those who wait for one, if it is fit to be shown. */
  #showWaiting(): void {
    const waiting = [...this.#viewers].filter((viewer) => !viewer.started);
    if (waiting.length === 0) return;
    if (this.#parsed < this.#replayEnd && !this.#exit) return this.#screen.flush();
    if (this.#screen.openTail && !this.#tailExpired) {
      this.#openTail ??= setTimeout(() => {
        this.#openTail = undefined;
        this.#tailExpired = true;
        this.#showWaiting();
        this.#tailExpired = false;
      }, OPEN_TAIL_MS);
      return;
    }
    this.#show(waiting, SCROLLBACK_LINES);
  }

  #show(viewers: readonly Viewer[], scrollbackLines: number): void {
    const snapshot = this.#screen.snapshot(scrollbackLines);
    for (const viewer of viewers) {
      viewer.show(snapshot, this.#parsed);
      this.#pumpOne(viewer);
    }
  }

  #pump(): void {
    for (const viewer of this.#viewers) this.#pumpOne(viewer);
  }

  #pumpOne(viewer: Viewer): void {
    const result = viewer.pump(this.#output);
    if (this.#exit) viewer.tellExit(this.#exit.code, this.#output.end);
    if (result !== "behind" || this.#catchUp) return;
    this.#catchUp = setTimeout(() => {
      this.#catchUp = undefined;
      this.#show(
        [...this.#viewers].filter((one) => one.started && one.pump(this.#output) === "behind"),
        CATCH_UP_LINES,
      );
      this.#showWaiting();
    }, CATCH_UP_MS);
  }
}
