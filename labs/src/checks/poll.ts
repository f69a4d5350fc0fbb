export interface PollFailure {
  /** Since polling began. */
  atMs: number;
  /** HTTP status, 0 without an answer. */
  status: number;
  /** curl's exit status: 7 refused, 28 too late, 52 empty answer, 56 reset. */
  curl: number;
}

export interface PollResult {
  total: number;
  /** Requests without an answer, or with a status of 400 or more. */
  failures: PollFailure[];
  durationMs: number;
}

/**
 * $1 URL, $2 pause, $3 limit of a request (both in seconds), $4 the file whose appearance ends it, $5 longest time in seconds. A line for each request:
 * milliseconds since 1970, curl's exit status, HTTP status. Each request is a connection of its own, as from a new client.
 */
export const POLL_SCRIPT = `
while [ ! -e "$4" ] && [ "$SECONDS" -lt "$5" ]; do
  at=\${EPOCHREALTIME//[.,]/}
  status=$(/usr/bin/curl -s -o /dev/null --noproxy '*' -m "$3" -w '%{http_code}' -- "$1")
  echo "$((at / 1000)) $? $status"
  sleep "$2"
done`;

/** Reads what {@link POLL_SCRIPT} printed; a line cut short is left out. */
export function parsePoll(output: string): PollResult {
  const requests = [...output.matchAll(/^(\d+) (\d+) (\d{3})$/gm)].map(([, at, curl, status]) => ({
    atMs: Number(at),
    curl: Number(curl),
    status: Number(status),
  }));
  const startMs = requests[0]?.atMs ?? 0;
  const failures = requests
    .filter(({ curl, status }) => curl !== 0 || status >= 400)
    .map((one) => ({ ...one, atMs: one.atMs - startMs }));
  return { total: requests.length, failures, durationMs: (requests.at(-1)?.atMs ?? startMs) - startMs };
}
