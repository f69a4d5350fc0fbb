/**
 * Calls `work` at once, and then at most once in `everyMs` however often it is asked for; the last
 * request is always served. `now` serves at once what is waiting; `cancel` forgets it.
 */
export function throttle(work: () => void, everyMs: number): { request(): void; now(): void; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  let waiting = false;
  const rest = () => {
    timer = setTimeout(() => {
      timer = undefined;
      if (!waiting) return;
      waiting = false;
      rest();
      work();
    }, everyMs);
    timer.unref();
  };
  return {
    request() {
      if (timer) waiting = true;
      else {
        rest();
        work();
      }
    },
    now() {
      waiting = false;
      work();
    },
    cancel() {
      clearTimeout(timer);
      timer = undefined;
      waiting = false;
    },
  };
}
