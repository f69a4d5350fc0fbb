import { describeFailure } from "./errors.ts";
import type { Operator } from "./operator/routes.ts";
import type { RestoreState } from "./operator/contract.ts";
import { makeToken } from "./operator/token.ts";
import { startServer, type DrydockServer, type ServerOptions } from "./server.ts";
import { replaceDatabase } from "./store/copies.ts";
import { examine } from "./store/examine.ts";
import { stagedPath, unstage } from "./store/staging.ts";
import { openStore, type Store } from "./store/store.ts";
import { DrydockError } from "../../labs/src/errors.ts";

export interface ServeOptions extends Omit<ServerOptions, "store" | "operator"> {
  dataDir: string;
  /** After a restore the server could not be started again: nothing is served any more. */
  onLost: (error: unknown) => void;
}

export interface Serving {
  readonly url: string;
  /**
   * Stops the server, after a restore that is under way, and closes the database; may be repeated.
   */
  stop(): Promise<void>;
}

/**
 * Runs a server on the database of a data directory, and puts a backup in that database's place
 * when the operator asks for it. For that the server stops and starts again as it does between two
 * lives of the program, so that sessions, sandboxes and terminals are taken up the same well-tried
 * way; its port, its lock and its process stay.
 * @throws DrydockError `store.*`, `server.*`
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { dataDir, log, now } = options;
  const { token, remove: removeToken } = makeToken(dataDir);
  let state: RestoreState = { state: "none" };
  let swapping: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;
  let store: Store;
  let server: DrydockServer;

  const operator: Operator = {
    token,
    restoreState: () => state,
    restore(staged) {
      if (swapping || stopping) {
        throw new DrydockError("restore.busy", "The server is being restored or stopped already", {
          advice: "Wait until it is done",
        });
      }
      examine(stagedPath(dataDir, staged), "The copy to restore");
      state = { staged, state: "running" };
      swapping = swap(staged).finally(() => (swapping = undefined));
      return state;
    },
  };

  const open = async (port: number): Promise<void> => {
    store = await openStore(dataDir, { now });
    try {
      server = await startServer({ ...options, port, store, operator });
    } catch (error) {
      await store.close();
      throw error;
    }
  };

  const swap = async (staged: string): Promise<void> => {
    const { port } = server;
    try {
      // The one who asked is answered first.
      await new Promise((next) => setImmediate(next));
      log.info({ staged }, "restoring a backup");
      await server.stop();
      await store.close();
      let outcome: RestoreState;
      try {
        outcome = { staged, state: "done", kept: replaceDatabase(dataDir, stagedPath(dataDir, staged), now()) };
      } catch (error) {
        log.error({ err: error }, "a backup could not be restored");
        outcome = { staged, state: "failed", error: describeFailure(error) };
      }
      await open(port);
      log.info({ kept: outcome.kept }, "started again after a restore");
      state = outcome;
    } catch (error) {
      log.error({ err: error }, "the server could not be started again after a restore");
      options.onLost(error);
    } finally {
      unstage(dataDir, staged);
    }
  };

  const stop = async (): Promise<void> => {
    await swapping;
    await server.stop();
    await store.close();
    removeToken();
  };

  await open(options.port);
  return {
    get url() {
      return server.url;
    },
    stop: () => (stopping ??= stop()),
  };
}
