import { RecentOutput } from "../recent-output.ts";
import { Screen } from "../screen.ts";

export const snapshot = new Screen(80, 24, () => undefined).snapshot();
export const KIB = 1024;

/** A socket that takes everything at once, unless it is told to hold it. */
export class FakeSocket {
  bufferedAmount = 0;
  holds = false;
  sentBytes = 0;
  largest = 0;
  send(data: Buffer | string): void {
    if (typeof data === "string") return;
    this.sentBytes += data.length;
    this.largest = Math.max(this.largest, data.length);
    if (this.holds) this.bufferedAmount += data.length;
  }
  close(): void {}
}

/** So many KiB of output, of which the last are kept. */
export const filled = (kib: number, keepKib = 4096) => {
  const output = new RecentOutput(keepKib * KIB);
  for (let n = 0; n < kib; n += 1) output.append(Buffer.alloc(KIB));
  return output;
};
