import type { ServerEvent } from "./contract.ts";

type Listener = (event: ServerEvent) => void;

/**
 * Takes what happened to those whom it concerns. Nothing is kept: who comes later asks for the
 * present state.
 */
export class Events {
  readonly #listeners = new Map<string, Set<Listener>>();

  /**
   * Calls `listener` with every event of this learner and those for everybody; returns what ends
   * that.
   */
  subscribe(learner: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(learner) ?? new Set();
    this.#listeners.set(learner, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(learner);
    };
  }

  publish(learner: string, event: ServerEvent): void {
    for (const listener of this.#listeners.get(learner) ?? []) listener(event);
  }

  broadcast(event: ServerEvent): void {
    for (const learner of this.#listeners.keys()) this.publish(learner, event);
  }
}
