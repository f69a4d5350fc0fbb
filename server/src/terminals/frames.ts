import { DrydockError } from "../../../labs/src/errors.ts";

/**
 * The frames that a shell keeper speaks (labs/src/image/go/cmd/shell): one byte of type, four bytes
 * of big-endian length, the payload.
 */

const HEADER_BYTES = 5;
export const MAX_PAYLOAD_BYTES = 1024 * 1024;

export interface Frame {
  kind: string;
  payload: Buffer;
}

function frame(kind: string, payloadBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + payloadBytes);
  bytes.writeUInt8(kind.charCodeAt(0), 0);
  bytes.writeUInt32BE(payloadBytes, 1);
  return bytes;
}

/** Input for the shell; at most {@link MAX_PAYLOAD_BYTES}. */
export function inputFrame(input: Buffer): Buffer {
  const bytes = frame("i", input.length);
  input.copy(bytes, HEADER_BYTES);
  return bytes;
}

export function resizeFrame(cols: number, rows: number): Buffer {
  const bytes = frame("r", 4);
  bytes.writeUInt16BE(cols, HEADER_BYTES);
  bytes.writeUInt16BE(rows, HEADER_BYTES + 2);
  return bytes;
}

/** Output has been consumed up to this offset. */
export function ackFrame(offset: number): Buffer {
  const bytes = frame("a", 8);
  bytes.writeBigUInt64BE(BigInt(offset), HEADER_BYTES);
  return bytes;
}

/** The offset of an output frame's first byte, and the bytes. */
export function parseOutput(payload: Buffer): { offset: number; bytes: Buffer } {
  if (payload.length < 8) throw malformed("an output frame is too short");
  return { offset: Number(payload.readBigUInt64BE(0)), bytes: payload.subarray(8) };
}

/** Puts frames together from a stream of bytes cut anywhere. */
export class FrameReader {
  #pending: Buffer[] = [];
  #size = 0;

  /**
   * Calls `onFrame` for each frame that is complete now.
   * @throws DrydockError `terminal.protocol` for one that is too large
   */
  push(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    this.#pending.push(chunk);
    this.#size += chunk.length;
    while (this.#size >= HEADER_BYTES) {
      const header = this.#pending[0]!.length >= HEADER_BYTES ? this.#pending[0]! : this.#join();
      const payloadBytes = header.readUInt32BE(1);
      if (payloadBytes > MAX_PAYLOAD_BYTES) throw malformed(`a frame announces ${payloadBytes} bytes`);
      const total = HEADER_BYTES + payloadBytes;
      if (this.#size < total) return;
      const bytes = this.#join();
      this.#pending = bytes.length > total ? [bytes.subarray(total)] : [];
      this.#size -= total;
      onFrame({ kind: String.fromCharCode(bytes[0]!), payload: bytes.subarray(HEADER_BYTES, total) });
    }
  }

  #join(): Buffer {
    if (this.#pending.length > 1) this.#pending = [Buffer.concat(this.#pending)];
    return this.#pending[0]!;
  }
}

function malformed(what: string): DrydockError {
  return new DrydockError("terminal.protocol", `The shell keeper cannot be understood: ${what}`);
}
