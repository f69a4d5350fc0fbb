import { DrydockError } from "../../../labs/src/errors.ts";
import { reachable } from "../../../labs/src/status/ask-server.ts";
import type { ServerNote } from "../../../labs/src/status/server-note.ts";
import { errorSchema } from "../contract.ts";
import { restoreStateSchema, type RestoreState } from "./contract.ts";
import { readToken } from "./token.ts";

const PATIENCE_MS = 10_000;

/**
 * Asks a server that runs for a restore, or how it stands.
 * @returns undefined where there is no answer, as while it starts again
 * @throws DrydockError with the server's code and words where it refuses
 */
export async function askOperator(
  dataDir: string,
  { url }: ServerNote,
  method: "GET" | "POST",
  body?: object,
): Promise<RestoreState | undefined> {
  const address = new URL("/api/operator/restore", reachable(url));
  let answer: Response;
  let content: unknown;
  try {
    answer = await fetch(address, {
      method,
      headers: {
        authorization: `Bearer ${readToken(dataDir)}`,
        origin: address.origin,
        ...(body ? { "content-type": "application/json" } : {}),
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    content = await answer.json();
  } catch {
    return undefined;
  }
  if (answer.ok) return restoreStateSchema.parse(content);
  const { code, message, advice } = errorSchema.safeParse(content).data?.error ?? {
    code: "operator.odd-answer",
    message: `The server at ${url} answers with ${answer.status}`,
    advice: "It is another version or another program: stop it and start Drydock again",
  };
  throw new DrydockError(code, message, { advice });
}
