type Disposer = () => Promise<unknown>;

/**
 * What a bench has started and must not leave behind, however it ends: at its end, by an error, or
 * by Ctrl-C.
 */
export class Cleanup {
  readonly #disposers: Disposer[] = [];

  /** @returns takes it away by itself, before the end */
  add(dispose: Disposer): Disposer {
    this.#disposers.push(dispose);
    return () => {
      const at = this.#disposers.indexOf(dispose);
      if (at < 0) return Promise.resolve();
      this.#disposers.splice(at, 1);
      return dispose();
    };
  }

  /**
   * What is still being made at the end is waited for.
   * @returns what was made, and what takes it away by itself, before the end
   */
  async own<T>(making: Promise<T>, remove: (made: T) => Promise<unknown>): Promise<{ made: T; dispose: Disposer }> {
    const dispose = this.add(async () => {
      const [made] = await Promise.allSettled([making]);
      if (made.status === "fulfilled") await remove(made.value);
    });
    return { made: await making, dispose };
  }

  /**
   * Takes everything away, the last first; what fails holds up nothing else.
   * @throws what failed first
   */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let dispose = this.#disposers.pop(); dispose; dispose = this.#disposers.pop()) {
      await dispose().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}
