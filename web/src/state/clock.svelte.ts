import { createSubscriber } from "svelte/reactivity";

/**
 * The present, as state: whoever reads `nowMs` in a component is brought up to date every second.
 */
export class Clock {
  readonly #read: () => number;
  readonly #subscribe = createSubscriber((update) => {
    const timer = setInterval(update, 1000);
    return () => clearInterval(timer);
  });

  constructor(read: () => number) {
    this.#read = read;
  }

  get nowMs(): number {
    this.#subscribe();
    return this.#read();
  }

  /** The present, once, without being brought up to date. */
  stampMs(): number {
    return this.#read();
  }
}
