import { MAX_CLIENT_FRAME_BYTES, terminalClientFrameSchema } from "../../../server/src/contract.ts";
import type { Random } from "./random.ts";

/** What is sent on a terminal's socket: a message of WebSocket, or bytes in place of one. */
export interface FuzzedFrame {
  kind: "binary" | "text" | "raw";
  bytes: Buffer;
}

const NUMBERS = [0, 1, -1, 2, 80, 300, 500, 501, 0.5, 1e9, 2 ** 53, -(2 ** 53), 1e308, Number.MAX_SAFE_INTEGER];

/** A frame of the contract, with values from the middle and from the edges. */
function valid(random: Random): object {
  return random.pick([
    () => ({ type: "resize", cols: random.int(2, 500), rows: random.int(1, 300) }),
    () => ({ type: "ack", bytes: random.pick([0, random.int(0, 1e9), Number.MAX_SAFE_INTEGER]) }),
    () => ({ type: "answer", data: text(random, random.pick([0, 8, 64, 4096])) }),
  ])();
}

function text(random: Random, length: number): string {
  return String.fromCharCode(...Array.from({ length }, () => random.pick([random.int(0, 127), random.int(0x20, 0xd7ff)])));
}

/** Any JSON: deep, large, with names that mean something to JavaScript. */
function json(random: Random, depth = 0): unknown {
  const leaf = () => random.pick([null, true, random.pick(NUMBERS), text(random, random.int(0, 12)), "resize", "ack", "answer"]);
  if (depth > 4) return leaf();
  return random.pick([
    leaf,
    () => Array.from({ length: random.int(0, 4) }, () => json(random, depth + 1)),
    () =>
      Object.fromEntries(
        Array.from({ length: random.int(0, 4) }, () => [
          random.pick(["type", "cols", "rows", "bytes", "data", "__proto__", "constructor", "toString", text(random, 3)]),
          json(random, depth + 1),
        ]),
      ),
  ])();
}

/** A frame of the contract with one thing wrong, or at least changed. */
function nearMiss(random: Random): Buffer {
  const frame = valid(random) as Record<string, unknown>;
  const key = random.pick(Object.keys(frame));
  random.pick([
    () => delete frame[key],
    () => (frame[key] = random.pick<unknown>([...NUMBERS, null, "", "80", [], {}, true])),
    () => (frame[random.pick(["more", "type", "__proto__", "cols"])] = random.pick<unknown>([1, "exec", null])),
  ])();
  const bytes = Buffer.from(JSON.stringify(frame));
  if (random.next() < 0.3) bytes[random.int(0, bytes.length - 1)] = random.int(0x20, 0x7e);
  return bytes;
}

/**
 * Bytes that are no frame of WebSocket, or one that no browser sends: wrong opcodes, reserved bits,
 * no mask, lengths that never come, halves.
 */
function raw(random: Random): Buffer {
  if (random.next() < 0.3) return random.bytes(random.int(1, 64));
  const length = random.pick([0, 1, 125, 126, 127]);
  const extended = { 126: [0xff, 0xff], 127: [0, 0, 0, random.int(0, 255), 0xff, 0xff, 0xff, 0xff] }[length] ?? [];
  const masked = random.next() < 0.7 ? 0x80 : 0;
  return Buffer.concat([Buffer.from([random.int(0, 255), masked | length, ...extended]), random.bytes(random.int(0, 200))]);
}

/** The next frame of a run. */
export function fuzzedFrame(random: Random): FuzzedFrame {
  return random.weighted<() => FuzzedFrame>([
    [30, () => ({ kind: "binary", bytes: random.bytes(random.int(0, 64)) })],
    [30, () => ({ kind: "text", bytes: Buffer.from(JSON.stringify(valid(random))) })],
    [15, () => ({ kind: "text", bytes: nearMiss(random) })],
    [8, () => ({ kind: "text", bytes: Buffer.from(JSON.stringify(json(random))) })],
    [6, () => ({ kind: "text", bytes: Buffer.from(text(random, random.int(0, 200))) })],
    [3, () => ({ kind: "text", bytes: random.bytes(random.int(0, 64)) })],
    [7, () => ({ kind: "raw", bytes: raw(random) })],
    [0.3, () => ({ kind: "binary", bytes: Buffer.alloc(MAX_CLIENT_FRAME_BYTES + random.int(-1, 1), random.int(0, 255)) })],
    [0.3, () => ({ kind: "text", bytes: Buffer.alloc(MAX_CLIENT_FRAME_BYTES + random.int(-1, 1), 0x20) })],
  ])();
}

/**
 * With which code the contract has such a frame close its socket; undefined where it is a good one,
 * `any` for what WebSocket itself refuses.
 */
export function expectedClose({ kind, bytes }: FuzzedFrame): number | undefined | "any" {
  if (kind === "raw") return "any";
  if (bytes.length > MAX_CLIENT_FRAME_BYTES) return 1009;
  if (kind === "binary") return undefined;
  try {
    new TextDecoder("utf8", { fatal: true }).decode(bytes);
  } catch {
    return 1007;
  }
  try {
    return terminalClientFrameSchema.safeParse(JSON.parse(bytes.toString("utf8"))).success ? undefined : 1008;
  } catch {
    return 1008;
  }
}
