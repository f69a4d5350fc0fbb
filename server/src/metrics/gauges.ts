import { Gauge } from "prom-client";
import { describeFailure } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { Metrics } from "./metrics.ts";

export interface GaugeSources {
  store: Store;
  /** Windows that look at a terminal now. */
  windows: () => number;
  /** Sessions that wait until it is their turn to have a sandbox made. */
  queued: () => number;
}

const SANDBOX_STATES = ["creating", "ready", "leased", "lost"] as const;
const SESSION_STATES = ["preparing", "ready", "failed", "lost"] as const;

/**
 * Adds what is read when somebody asks: from memory and the database of this server alone, so that
 * an engine that hangs holds nobody up.
 */
export function addGauges(metrics: Metrics, { store, windows, queued }: GaugeSources): void {
  const registers = [metrics.registry];
  const { census } = metrics;
  new Gauge({
    name: "drydock_sandboxes",
    help: "Sandboxes by state and whether they are frozen, as the engine said at drydock_sandboxes_seen_timestamp_seconds",
    labelNames: ["state", "frozen"],
    registers,
    collect() {
      this.reset();
      for (const state of SANDBOX_STATES) for (const frozen of ["false", "true"]) this.set({ state, frozen }, 0);
      this.inc({ state: "creating", frozen: "false" }, census.making);
      for (const { state, frozen } of census.records) this.inc({ state, frozen: String(frozen) });
    },
  });
  new Gauge({
    name: "drydock_sandboxes_seen_timestamp_seconds",
    help: "When the engine last said which sandboxes it has; 0: not yet. What the server did since is counted",
    registers,
    collect() {
      this.set((census.seenAt?.getTime() ?? 0) / 1000);
    },
  });
  new Gauge({
    name: "drydock_sessions",
    help: "Sessions that have not ended, by state",
    labelNames: ["state"],
    registers,
    async collect() {
      this.reset();
      await reading(metrics, async () => {
        const rows = await store.sessions.running();
        for (const state of SESSION_STATES) this.set({ state }, 0);
        for (const { state } of rows) this.inc({ state });
      });
    },
  });
  new Gauge({
    name: "drydock_queue_length",
    help: "Sessions that wait until it is their turn to have a sandbox made",
    registers,
    collect() {
      this.set(queued());
    },
  });
  new Gauge({
    name: "drydock_terminals",
    help: "Open terminals: those whose shell has not ended",
    registers,
    async collect() {
      this.reset();
      await reading(metrics, async () => this.set(await store.terminals.countOpen()));
    },
  });
  new Gauge({
    name: "drydock_terminal_windows",
    help: "Windows that look at a terminal",
    registers,
    collect() {
      this.set(windows());
    },
  });
}

/** A database that cannot be read leaves a gauge out; everything else is still told. */
async function reading(metrics: Metrics, read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    metrics.error(describeFailure(error).code);
  }
}
