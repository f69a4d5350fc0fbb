import { DrydockError } from "../../../labs/src/errors.ts";
import { Progress } from "../../../labs/src/progress.ts";
import type { Platform } from "../contract.ts";
import { describeFailure } from "../errors.ts";
import type { Lab, OpenLab } from "../lab.ts";
import { newStop } from "../stop.ts";
import { throttle } from "../throttle.ts";
import { within } from "../within.ts";

/** Phases change with every line that a build prints; the page needs no more than this. */
const TELL_EVERY_MS = 250;

export interface MachineOptions {
  open: OpenLab;
  /** What has to be done with an opened lab before its sandboxes may be used; part of preparing. */
  settle: (lab: Lab, progress: Progress) => Promise<void>;
  version: string;
  now: () => Date;
  onChange: (platform: Platform) => void;
  /** How pool and queue stand, when there are any. */
  pool: () => Platform["pool"];
}

/**
 * This machine's preparation: engine, the sandboxes that are there, kind, node image. Begun once,
 * and again after it failed.
 */
export class Machine {
  readonly #options: MachineOptions;
  readonly #stopping = newStop();
  readonly #tell: ReturnType<typeof throttle>;
  #progress = new Progress();
  #state: Platform["state"] = "preparing";
  #error: Platform["error"];
  #startedAt: string;
  #lab: Lab | undefined;
  #opening: Promise<Lab> | undefined;
  #preparing: Promise<Lab> | undefined;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.#startedAt = options.now().toISOString();
    this.#tell = throttle(() => options.onChange(this.view()), TELL_EVERY_MS);
  }

  /** Begins to prepare, or goes on doing so; nothing to do when it is ready. Returns at once. */
  prepare(): void {
    if (this.#preparing || this.#stopping.signal.aborted) return;
    if (!this.#lab) {
      this.#progress = new Progress();
      this.#progress.subscribe(() => this.#tell.request());
    }
    this.#state = "preparing";
    this.#error = undefined;
    this.#startedAt = this.#options.now().toISOString();
    this.#opening = this.#open();
    this.#preparing = this.#prepare(this.#opening);
    this.#preparing.catch((error: unknown) => {
      this.#preparing = undefined;
      this.#state = "failed";
      this.#error = describeFailure(error);
      // What a stop cut off has not failed: nobody is to read of it on the way out.
      if (!this.#stopping.signal.aborted) this.#tell.now();
    });
    this.#tell.now();
  }

  async #open(): Promise<Lab> {
    if (this.#lab) return this.#lab;
    const lab = await this.#options.open(this.#progress, this.#stopping.signal);
    await this.#options.settle(lab, this.#progress);
    return (this.#lab = lab);
  }

  async #prepare(opening: Promise<Lab>): Promise<Lab> {
    const lab = await opening;
    await lab.prepare();
    this.#state = "ready";
    this.#tell.now();
    return lab;
  }

  get state(): Platform["state"] {
    return this.#state;
  }

  /** Whether the sandboxes that are there can be used. */
  get isOpen(): boolean {
    return this.#lab !== undefined;
  }

  /**
   * The lab kit, as soon as the sandboxes that are there can be used.
   * @throws DrydockError `platform.failed`
   */
  async opened(): Promise<Lab> {
    return this.#lab ?? this.#when(this.#opening);
  }

  /**
   * The lab kit, as soon as new sandboxes can be made.
   * @throws DrydockError `platform.failed`, or `process.aborted` when the signal fires first
   */
  async ready(signal?: AbortSignal): Promise<Lab> {
    const ready = this.#when(this.#preparing);
    return signal ? Promise.race([ready, whenAborted(signal)]) : ready;
  }

  async #when(outcome: Promise<Lab> | undefined): Promise<Lab> {
    const lab = await outcome?.catch(() => undefined);
    if (lab) return lab;
    throw new DrydockError("platform.failed", `This machine could not be prepared: ${this.#error?.message ?? "it was stopped"}`, {
      advice: this.#error?.advice ?? "See what the page says about this machine, and try again there",
    });
  }

  /** Tells, soon, that something of the view changed. */
  publish(): void {
    this.#tell.request();
  }

  view(): Platform {
    return {
      state: this.#state,
      phases: this.#progress.snapshot(),
      startedAt: this.#startedAt,
      error: this.#error,
      version: this.#options.version,
      kubernetes: this.#lab?.kubernetes,
      pool: this.#options.pool(),
    };
  }

  /**
   * Stops a preparation that is under way, and waits until it has put down its tools, for
   * `withinMs` at most.
   */
  async stop(withinMs: number): Promise<void> {
    this.#stopping.abort();
    this.#tell.cancel();
    await within(
      withinMs,
      this.#preparing?.catch(() => undefined),
    );
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(new DrydockError("process.aborted", "It was stopped"));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}
