import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "../figure.ts";
import { residentBytes } from "./child.ts";
import type { Connection, Contestant } from "./contestant.ts";

const KEYS = 500;
const KEY_EVERY_MS = 10;
/**
 * Lines and more: what `stty -opost` prints is not changed on its way, so that its size is known.
 */
export const FILE_BYTES = 64_000_000;
const INTERRUPTS = 5;
const FLOOD_MS = 500;
const WARM_MS = 10_000;
const STALL_MS = 60_000;
const SAMPLE_EVERY_MS = 250;
/** Whatever takes longer hangs. */
const PATIENCE_MS = 60_000;

/**
 * What the shells of all contestants prompt with, so that the end of a command can be told from its
 * output; never typed in one piece.
 */
const PROMPT = "<END>";
const SET_PROMPT = "PS1='<E''ND>'";

/** Opens a shell, does `work` with it, and closes it whatever happens. */
async function withShell<T>(contestant: Pick<Contestant, "open">, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await contestant.open();
  try {
    await command(connection, SET_PROMPT);
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/**
 * Types, then waits until the output contains `mark`. Returns the bytes that came (up to and with
 * the piece that completed the mark) and how long it took.
 */
function until(connection: Connection, typed: string, mark: string): Promise<{ bytes: number; ms: number }> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${JSON.stringify(typed)} was not answered by ${mark}`)), PATIENCE_MS);
    let tail = Buffer.alloc(0);
    let bytes = 0;
    connection.onOutput = (output) => {
      bytes += output.length;
      const seen = Buffer.concat([tail, output]);
      tail = Buffer.from(seen.subarray(1 - mark.length));
      if (!seen.includes(mark)) return;
      clearTimeout(late);
      resolve({ bytes, ms: performance.now() - startedAt });
    };
    const startedAt = performance.now();
    connection.type(typed);
  });
}

const command = (connection: Connection, text: string) => until(connection, `${text}\r`, PROMPT);

/** Has the shell print without a pause. */
async function flood(connection: Connection): Promise<void> {
  await until(connection, "yes\r", "y\r\ny\r\n");
  connection.onOutput = () => undefined;
}

const interrupt = (connection: Connection) => until(connection, "\x03", PROMPT);

/**
 * Milliseconds from each key to its echo. The echo is the kernel's own: no shell's work is in it,
 * only the way there and back.
 */
async function echoes(connection: Connection): Promise<number[]> {
  await until(connection, "echo rea''dy; cat > /dev/null\r", "ready");
  await sleep(100);
  const sentAt: number[] = [];
  const latencies: number[] = [];
  connection.onOutput = (output) => {
    for (const byte of output) if (byte === 0x78) latencies.push(performance.now() - sentAt[latencies.length]!);
  };
  for (let key = 0; key < KEYS; key += 1) {
    sentAt.push(performance.now());
    connection.type("x");
    await sleep(KEY_EVERY_MS);
  }
  for (const deadline = Date.now() + PATIENCE_MS; latencies.length < KEYS; await sleep(10)) {
    if (Date.now() > deadline) throw new Error(`${latencies.length} of ${KEYS} keys were echoed`);
  }
  await interrupt(connection);
  return latencies;
}

/** Latencies in ms by which share of 500 keys they bound. */
export function measureEcho(contestant: Pick<Contestant, "open">): Promise<{ p50: number; p99: number }> {
  return withShell(contestant, async (connection) => {
    const latencies = await echoes(connection);
    return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
  });
}

/**
 * The same p99 while another session prints without a pause, and its reader takes all of it at
 * once.
 */
export function measureEchoBesideFlood(contestant: Contestant): Promise<number> {
  return withShell(contestant, (other) =>
    withShell(contestant, async (connection) => {
      await flood(other);
      await sleep(FLOOD_MS);
      const p99 = percentile(await echoes(connection), 0.99);
      await interrupt(other);
      return p99;
    }),
  );
}

/**
 * MB/s (10⁶ bytes) from the return key to the next prompt.
 * @throws Error where bytes of the file are missing
 */
export function measureCat(contestant: Contestant): Promise<number> {
  return withShell(contestant, async (connection) => {
    const { bytes, ms } = await command(connection, `stty -opost; cat ${contestant.file}; stty opost`);
    if (bytes < FILE_BYTES) throw new Error(`${contestant.name}: ${bytes} of ${FILE_BYTES} bytes arrived`);
    return FILE_BYTES / 1e6 / (ms / 1000);
  });
}

/**
 * Milliseconds from Ctrl-C to the prompt: what was printed before it and is still on its way comes
 * first, as for a person who waits for it.
 */
export function measureInterrupts(contestant: Contestant): Promise<number[]> {
  return withShell(contestant, async (connection) => {
    const took: number[] = [];
    while (took.length < INTERRUPTS) {
      await flood(connection);
      await sleep(FLOOD_MS);
      took.push((await interrupt(connection)).ms);
    }
    return took;
  });
}

/**
 * Bytes by which memory is larger at most in the minute after the reader of a flood stopped reading
 * than it ever was while it read.
 */
export function measureStall(contestant: Contestant): Promise<number> {
  return withShell(contestant, async (connection) => {
    await flood(connection);
    const pids = await contestant.processes();
    const before = await mostMemory(pids, WARM_MS);
    connection.stall();
    return (await mostMemory(pids, STALL_MS)) - before;
  });
}

async function mostMemory(pids: readonly number[], duringMs: number): Promise<number> {
  let most = 0;
  for (const deadline = Date.now() + duringMs; Date.now() < deadline; await sleep(SAMPLE_EVERY_MS)) {
    most = Math.max(most, residentBytes(pids));
  }
  return most;
}
