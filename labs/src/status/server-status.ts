import { readHistogram, type Distribution } from "./histogram.ts";
import type { Sample } from "./prometheus.ts";
import type { ServerNote } from "./server-note.ts";

/** How things stand on a server, from what it tells at /metrics. */
export interface ServerStatus {
  url: string;
  pid: number;
  version: string;
  /** ISO 8601, as all times here. */
  startedAt: string | undefined;
  sandboxes: { state: string; frozen: boolean; count: number }[];
  /** When the engine last said which sandboxes there are; undefined: not yet. */
  sandboxesSeenAt: string | undefined;
  /** Those that have not ended, by state. */
  sessions: Record<string, number>;
  /** Sessions that wait for their turn. */
  queued: number;
  terminals: { open: number; windows: number; outputBytes: number };
  durations: { lease: Distribution[]; setUp: Distribution[]; check: Distribution[] };
  /** How often each went wrong since the server was started, by code. */
  errors: Record<string, number>;
}

/** Undefined where these are no metrics of Drydock. */
export function readServerStatus({ url, pid }: ServerNote, samples: readonly Sample[]): ServerStatus | undefined {
  const all = (name: string) => samples.filter((sample) => sample.name === name);
  const one = (name: string) => all(name)[0]?.value ?? 0;
  const by = (name: string, label: string) =>
    Object.fromEntries(all(name).map(({ labels, value }) => [labels[label] ?? "", value]));
  const info = all("drydock_build_info")[0];
  if (!info) return undefined;
  return {
    url,
    pid,
    version: info.labels.version ?? "",
    startedAt: time(one("process_start_time_seconds")),
    sandboxes: all("drydock_sandboxes")
      .filter(({ value }) => value > 0)
      .map(({ labels, value }) => ({ state: labels.state ?? "", frozen: labels.frozen === "true", count: value })),
    sandboxesSeenAt: time(one("drydock_sandboxes_seen_timestamp_seconds")),
    sessions: by("drydock_sessions", "state"),
    queued: one("drydock_queue_length"),
    terminals: {
      open: one("drydock_terminals"),
      windows: one("drydock_terminal_windows"),
      outputBytes: one("drydock_terminal_output_bytes_total"),
    },
    durations: {
      lease: readHistogram(samples, "drydock_lease_duration_seconds"),
      setUp: readHistogram(samples, "drydock_setup_duration_seconds"),
      check: readHistogram(samples, "drydock_check_duration_seconds"),
    },
    errors: by("drydock_errors_total", "code"),
  };
}

function time(seconds: number): string | undefined {
  return seconds > 0 ? new Date(seconds * 1000).toISOString() : undefined;
}
