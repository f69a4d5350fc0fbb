import { Router } from "express";
import { DOMAINS } from "../../../labs/src/scenarios/schema.ts";
import type { Catalogue, Standing } from "../catalogue.ts";
import { emptyBodySchema, openTerminalSchema, startSessionSchema } from "../contract.ts";
import type { Machine } from "../platform/machine.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Store } from "../store/store.ts";
import type { Terminals } from "../terminals/terminals.ts";
import { answering } from "./respond.ts";

export interface ApiParts {
  store: Store;
  catalogue: Catalogue;
  machine: Machine;
  sessions: Sessions;
  terminals: Terminals;
}

/** The API of contract.ts, except for its streams. */
export function createApi({ store, catalogue, machine, sessions, terminals }: ApiParts): Router {
  const api = Router();

  api.get(
    "/platform",
    answering(undefined, () => ({ body: machine.view() })),
  );
  api.post(
    "/platform/retry",
    answering(emptyBodySchema, () => {
      machine.prepare();
      return { status: 202, body: machine.view() };
    }),
  );

  api.get(
    "/scenarios",
    answering(undefined, async ({ learner }) => {
      const standing = await standings(store, learner);
      return {
        body: { domains: DOMAINS, scenarios: catalogue.scenarios.map((one) => catalogue.summary(one, standing(one.slug))) },
      };
    }),
  );
  api.get(
    "/scenarios/:slug",
    answering(undefined, async ({ learner, param }) => {
      const scenario = catalogue.get(param("slug"));
      return { body: catalogue.detail(scenario, (await standings(store, learner))(scenario.slug)) };
    }),
  );
  api.get(
    "/scenarios/:slug/attempts",
    answering(undefined, async ({ learner, param }) => ({
      body: { attempts: await sessions.attempts(learner, param("slug")) },
    })),
  );

  api.get(
    "/sessions",
    answering(undefined, async ({ learner }) => ({ body: { sessions: await sessions.list(learner) } })),
  );
  api.post(
    "/sessions",
    answering(startSessionSchema, async ({ asker, body }) => {
      const { session, began } = await sessions.start(asker, body.scenario);
      return { status: began ? 201 : 200, body: session, session: session.id };
    }),
  );
  api.get(
    "/sessions/:id",
    answering(undefined, async ({ learner, param }) => ({ body: await sessions.get(learner, param("id")) })),
  );
  api.delete(
    "/sessions/:id",
    answering(undefined, async ({ learner, param }) => {
      await sessions.end(learner, param("id"));
      return { status: 204 };
    }),
  );
  api.post(
    "/sessions/:id/check",
    answering(emptyBodySchema, async ({ learner, param }) => ({
      status: 201,
      body: await sessions.check(learner, param("id")),
    })),
  );
  api.post(
    "/sessions/:id/reset",
    answering(emptyBodySchema, async ({ learner, param }) => ({
      status: 202,
      body: await sessions.reset(learner, param("id")),
    })),
  );
  api.post(
    "/sessions/:id/extend",
    answering(emptyBodySchema, async ({ learner, param }) => ({ body: await sessions.extend(learner, param("id")) })),
  );
  api.post(
    "/sessions/:id/hints",
    answering(emptyBodySchema, async ({ learner, param }) => ({ body: await sessions.revealHint(learner, param("id")) })),
  );
  api.post(
    "/sessions/:id/solution",
    answering(emptyBodySchema, async ({ learner, param }) => ({
      body: { solution: await sessions.showSolution(learner, param("id")) },
    })),
  );

  api.post(
    "/sessions/:id/terminals",
    answering(openTerminalSchema, async ({ learner, param, body }) => {
      const session = await sessions.own(learner, param("id"));
      return { status: 201, body: await terminals.open(session, body.host) };
    }),
  );
  api.delete(
    "/sessions/:id/terminals/:terminal",
    answering(undefined, async ({ learner, param }) => {
      const session = await sessions.own(learner, param("id"));
      await terminals.close(session.id, param("terminal"));
      return { status: 204 };
    }),
  );
  return api;
}

/** What each scenario means to a learner. */
async function standings(store: Store, learner: string): Promise<(slug: string) => Standing> {
  const [best, rows] = await Promise.all([store.attempts.best(learner), store.sessions.ofLearner(learner)]);
  const running = new Map(rows.filter((row) => row.state !== "ended").map((row) => [row.scenario, row.id]));
  return (slug) => ({ best: best.get(slug), sessionId: running.get(slug) });
}
