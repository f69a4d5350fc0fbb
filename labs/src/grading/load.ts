import { availableParallelism } from "node:os";
import { DrydockError } from "../errors.ts";
import { startModule, type ModuleProcess } from "../process.ts";

/** More than this proves nothing but patience. */
const MOST_PER_CORE = 32;

/**
 * A process that is always busy. Between two slices it looks whether the one that started it is
 * still there, so that it outlives no parent, however that ends.
 */
const BUSY = `
const burn = () => {
  if (!process.connected) process.exit();
  for (const end = Date.now() + 20; Date.now() < end; );
  setImmediate(burn);
};
burn();`;

export interface Load {
  /** The busy processes that are there. */
  pids(): number[];
  /**
   * Does some work under load. The processes are there while at least one work is done, and gone
   * when the last has ended, however it ends.
   */
  during<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * A load of so many busy processes for each core of the machine; none runs before there is work.
 */
export function createLoad(perCore: number): Load {
  let works = 0;
  let processes: { child: ModuleProcess; ended: Promise<void> }[] = [];
  const start = () => {
    let onExit: () => void;
    const ended = new Promise<void>((resolve) => (onExit = resolve));
    const ignore = () => undefined;
    const child = startModule({ text: BUSY }, [], { env: {}, onMessage: ignore, onOutput: ignore, onExit: () => onExit() });
    return { child, ended };
  };
  const stop = async () => {
    const stopped = processes;
    processes = [];
    for (const { child } of stopped) child.kill();
    await Promise.all(stopped.map(({ ended }) => ended));
  };
  return {
    pids: () => processes.flatMap(({ child }) => child.pid ?? []),
    async during(work) {
      if (works++ === 0) processes = Array.from({ length: Math.round(perCore * availableParallelism()) }, start);
      try {
        return await work();
      } finally {
        if (--works === 0) await stop();
      }
    },
  };
}

/** The load that is asked for on the command line. @throws DrydockError `cli.load` */
export function parseLoad(text: string): number {
  const perCore = Number(text);
  if (Number.isInteger(perCore) && perCore >= 1 && perCore <= MOST_PER_CORE) return perCore;
  throw new DrydockError("cli.load", `"${text}" is not a number of busy processes for each core`, {
    advice: `Use a whole number from 1 to ${MOST_PER_CORE}: --load 4`,
  });
}
