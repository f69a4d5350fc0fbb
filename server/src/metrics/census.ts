import type { SandboxProvider, SandboxRecord } from "../../../labs/src/sandbox/provider.ts";

/**
 * What is known of the sandboxes without asking the engine: what it said last, and what was done
 * with it since. So whoever wants to know never waits for an engine that hangs.
 */
export class Census {
  readonly #now: () => Date;
  readonly #records = new Map<string, SandboxRecord>();
  /** Those that were made for a session, and did not come from the pool. */
  readonly #madeFor = new Set<string>();
  #making = 0;
  #seenAt: Date | undefined;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** When the engine last said what it has; undefined before it did. */
  get seenAt(): Date | undefined {
    return this.#seenAt;
  }

  /**
   * All that are known. One that this server is just making has no record yet: see {@link
   * Census.making}.
   */
  get records(): SandboxRecord[] {
    return [...this.#records.values()].filter((one) => !(one.owner === "server" && one.state === "creating"));
  }

  /** How many this server is making now. */
  get making(): number {
    return this.#making;
  }

  /** Where a session's sandbox came from. */
  sourceOf(id: string): "pool" | "made" {
    return this.#madeFor.has(id) ? "made" : "pool";
  }

  /**
   * The same provider; what it answers and what is done with it is noted. It is asked nothing more.
   */
  follow(provider: SandboxProvider): SandboxProvider {
    return {
      create: async (options) => {
        this.#making += 1;
        try {
          const sandbox = await provider.create(options);
          const { topology, owner, leasedFor } = options;
          const state = leasedFor ? "leased" : "ready";
          const createdAt = this.#now().toISOString();
          this.#records.set(sandbox.id, { id: sandbox.id, topology, owner, state, frozen: false, createdAt, leasedFor });
          if (leasedFor) this.#madeFor.add(sandbox.id);
          return sandbox;
        } finally {
          this.#making -= 1;
        }
      },
      list: async () => {
        const records = await provider.list();
        this.#seenAt = this.#now();
        this.#records.clear();
        for (const record of records) this.#records.set(record.id, record);
        return records;
      },
      lease: async (id, leasedFor) => {
        await provider.lease(id, leasedFor);
        this.#change(id, { state: "leased", leasedFor });
      },
      freeze: async (id) => {
        await provider.freeze(id);
        this.#change(id, { frozen: true });
      },
      thaw: async (id) => {
        await provider.thaw(id);
        this.#change(id, { frozen: false });
      },
      remove: async (id) => {
        await provider.remove(id);
        this.#forget(id);
      },
      collectGarbage: async (owner) => {
        const removed = await provider.collectGarbage(owner);
        for (const id of removed) this.#forget(id);
        return removed;
      },
      open: (id) => provider.open(id),
      prepareCopies: (options) => provider.prepareCopies(options),
      isCurrent: (id) => provider.isCurrent(id),
    };
  }

  #change(id: string, patch: Partial<SandboxRecord>): void {
    const record = this.#records.get(id);
    if (record) this.#records.set(id, { ...record, ...patch });
  }

  #forget(id: string): void {
    this.#records.delete(id);
    this.#madeFor.delete(id);
  }
}
