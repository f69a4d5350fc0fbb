import { Router } from "express";
import { DrydockError } from "../../../labs/src/errors.ts";
import { answering } from "../http/respond.ts";
import { restoreRequestSchema, type RestoreState } from "./contract.ts";
import { carriesToken } from "./token.ts";

/** What a server offers to those who hold the token of its data directory. */
export interface Operator {
  token: string;
  /**
   * Begins to put a staged copy in the place of the database.
   * @throws DrydockError `restore.unknown`, `restore.busy`, `store.*`
   */
  restore(staged: string): RestoreState;
  /** How the last restore stands. */
  restoreState(): RestoreState;
}

/** The requests of operator/contract.ts. */
export function createOperatorApi(operator: Operator): Router {
  const api = Router();
  api.use((request, _response, next) => {
    if (carriesToken(request.headers.authorization, operator.token)) return next();
    throw new DrydockError("operator.refused", "Only those who can read the data directory may ask this");
  });
  api.post(
    "/restore",
    answering(restoreRequestSchema, ({ body }) => ({ status: 202, body: operator.restore(body.staged) })),
  );
  api.get(
    "/restore",
    answering(undefined, () => ({ body: operator.restoreState() })),
  );
  return api;
}
