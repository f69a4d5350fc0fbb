export interface SideBySideOptions {
  /** How many pieces of work are done at once. */
  jobs: number;
  /** Most that are there at once, with those that only wait. */
  most: number;
  signal?: AbortSignal;
}

/**
 * Does work on every item, in order, `jobs` at a time. Work that only waits (a submission that
 * hangs uses no processor) calls `giveWay`: it no longer counts among the jobs, and the next item
 * begins. Resolves when all that was begun has ended.
 * @throws what failed first, and the signal's reason; nothing is begun after either
 */
export function runSideBySide<T>(
  items: readonly T[],
  { jobs, most, signal }: SideBySideOptions,
  work: (item: T, giveWay: () => void) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  let [working, there] = [0, 0];
  const failures: unknown[] = [];
  return new Promise((resolve, reject) => {
    const goOn = () => {
      const isOver = () => signal?.aborted === true || failures.length > 0 || waiting.length === 0;
      while (!isOver() && working < jobs && there < Math.max(jobs, most)) begin(waiting.shift()!);
      if (there > 0 || !isOver()) return;
      if (failures.length > 0) reject(failures[0] as Error);
      else if (signal?.aborted) reject(signal.reason as Error);
      else resolve();
    };
    const begin = (item: T) => {
      working++;
      there++;
      let counts = true;
      const giveWay = () => {
        if (!counts) return;
        counts = false;
        working--;
      };
      work(item, () => {
        giveWay();
        goOn();
      })
        .catch((error: unknown) => failures.push(error))
        .finally(() => {
          giveWay();
          there--;
          goOn();
        });
    };
    goOn();
  });
}
