import { ACK_EVERY_BYTES } from "@drydock/server/contract";

/** How much output of one connection was painted, and when to say so. */
export class FlowCounter {
  #painted = 0;
  #acknowledged = 0;

  /**
   * Counts output that is now on the screen.
   * @returns what to acknowledge (bytes in all, on this connection), or undefined where it is not
   * yet worth a frame
   */
  paint(bytes: number): number | undefined {
    this.#painted += bytes;
    if (this.#painted - this.#acknowledged < ACK_EVERY_BYTES) return undefined;
    this.#acknowledged = this.#painted;
    return this.#painted;
  }
}

/** Most bytes of one frame of input: half of what the server takes. */
export const INPUT_FRAME_BYTES = 128 * 1024;

/** Cuts input into frames, in order. A character may be cut in two: the shell reads bytes. */
export function splitInput(input: Uint8Array<ArrayBuffer>, frameBytes = INPUT_FRAME_BYTES): Uint8Array<ArrayBuffer>[] {
  const frames = [];
  for (let start = 0; start < input.length; start += frameBytes) frames.push(input.subarray(start, start + frameBytes));
  return frames;
}

/**
 * How long to wait before connecting for the nth time again (from 0): from a fifth of a second to
 * five, a little at random.
 */
export function retryDelayMs(tries: number, random: () => number): number {
  return Math.min(5000, 200 * 1.8 ** tries) * (0.8 + 0.4 * random());
}
