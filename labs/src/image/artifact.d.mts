interface WaitOptions {
  signal?: AbortSignal;
  onWait?: () => void;
}
export function hashInputs(inputs: { texts?: readonly string[]; paths?: readonly string[]; skip?: RegExp }): string;
export function withLock<T>(lock: string, work: () => Promise<T>, options?: WaitOptions): Promise<T>;
export function ensureArtifact(
  path: string,
  produce: (unfinished: string) => Promise<void>,
  options?: WaitOptions,
): Promise<string>;
