import { DrydockError } from "../../../labs/src/errors.ts";
import type { Scenario } from "../../../labs/src/scenarios/schema.ts";
import type { Catalogue } from "../catalogue.ts";
import type { Events } from "../events.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Machine } from "../platform/machine.ts";
import type { Sandboxes } from "../sandboxes/sandboxes.ts";
import type { SessionRow } from "../store/tables.ts";
import type { Store } from "../store/store.ts";
import type { LiveSessions } from "./live.ts";

/** What the life of a session needs of the rest of the server. */
export interface SessionParts {
  store: Store;
  catalogue: Catalogue;
  machine: Machine;
  events: Events;
  live: LiveSessions;
  log: Log;
  metrics: Metrics;
  now: () => Date;
  newId: () => string;
  /**
   * Milliseconds of a clock that nobody can set, and that stands still while the machine sleeps.
   */
  monotonicMs: () => number;
  /** Made with the lab, so only to be called when the machine is ready (or being settled). */
  sandboxes: () => Sandboxes;
  /**
   * Ends the shells of a session's terminals and forgets them; whoever looks at one is told why.
   */
  endTerminals: (session: string, why: { code: string; message: string }) => Promise<void>;
  /** Tells those who look at a session's terminals that the sandbox is gone. */
  loseTerminals: (session: string) => void;
}

/**
 * A session's scenario.
 * @throws DrydockError `scenario.gone` where the folder of scenarios no longer has it
 */
export function scenarioOf({ catalogue }: Pick<SessionParts, "catalogue">, row: Pick<SessionRow, "scenario">): Scenario {
  const scenario = catalogue.find(row.scenario);
  if (scenario) return scenario;
  throw new DrydockError(
    "scenario.gone",
    `The task ${row.scenario} is no longer installed, so this session can't go on with it`,
    {
      advice: "End the session to give its cluster back; it stays as it is until then. Your attempts are kept",
    },
  );
}
