import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { Census } from "./census.ts";

/** From a pooled sandbox (about a second) to one that waits for the node image. */
const LEASE_BUCKETS_S = [0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60, 120, 300, 600];
const CHECK_BUCKETS_S = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300];
const SETUP_BUCKETS_S = [0.5, 1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300];

/**
 * What one server counts and measures. Labels have few values, and none says who: no session,
 * sandbox or learner.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly census: Census;
  /** From the request of a session (or of its reset) until it is ready. */
  readonly leaseDuration = new Histogram({
    name: "drydock_lease_duration_seconds",
    help: "Time from the request of a session, or of its reset, until it is ready, by where its sandbox came from",
    labelNames: ["source"],
    buckets: LEASE_BUCKETS_S,
    registers: [this.registry],
  });
  readonly setUpDuration = new Histogram({
    name: "drydock_setup_duration_seconds",
    help: "Time that preparing a scenario in a fresh sandbox took",
    buckets: SETUP_BUCKETS_S,
    registers: [this.registry],
  });
  readonly checkDuration = new Histogram({
    name: "drydock_check_duration_seconds",
    help: "Time that a check took, by scenario and verdict; error: it could not be judged",
    labelNames: ["scenario", "verdict"],
    buckets: CHECK_BUCKETS_S,
    registers: [this.registry],
  });
  readonly terminalOutput = new Counter({
    name: "drydock_terminal_output_bytes_total",
    help: "Output of the shells that came to the server",
    registers: [this.registry],
  });
  readonly #errors = new Counter({
    name: "drydock_errors_total",
    help: "What went wrong, by code: answers of 5xx, failed preparations, a pool that could not be filled, checks that could not be judged, a silent engine",
    labelNames: ["code"],
    registers: [this.registry],
  });
  readonly #requests = new Counter({
    name: "drydock_http_requests_total",
    help: "Requests by method, pattern of the route and class of the status",
    labelNames: ["method", "route", "status"],
    registers: [this.registry],
  });

  /**
   * What it collects of the process goes on for as long as that: prom-client has nothing to end it,
   * and one server has one.
   */
  constructor({ version, now }: { version: string; now: () => Date }) {
    this.census = new Census(now);
    new Gauge({
      name: "drydock_build_info",
      help: "Always 1; the label is the version of Drydock",
      labelNames: ["version"],
      registers: [this.registry],
    }).set({ version }, 1);
    collectDefaultMetrics({ register: this.registry });
  }

  /** Counts something that went wrong under the code that the learner or the log is told. */
  error(code: string): void {
    this.#errors.inc({ code });
  }

  /** Counts a request that was answered; `route` is a pattern, never a path. */
  request(method: string, route: string, status: number): void {
    this.#requests.inc({ method, route, status: `${Math.floor(status / 100)}xx` });
  }
}
