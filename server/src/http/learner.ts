import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

const COOKIE = "drydock_learner";
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const YEAR_S = 365 * 24 * 3600;

/** Who asks. The token is what only that learner's browser knows; the id, made from it, is what is stored. */
export interface Learner {
  id: string;
  token: string;
}

/** The learner that a request's cookie says, or undefined where it has none of the right form. */
export function learnerOf(request: IncomingMessage): Learner | undefined {
  for (const part of (request.headers.cookie ?? "").split(";")) {
    const [name, value = ""] = part.trim().split("=", 2);
    if (name === COOKIE && TOKEN.test(value)) return { token: value, id: idOf(value) };
  }
  return undefined;
}

export function newLearner(): Learner {
  const token = randomBytes(32).toString("base64url");
  return { token, id: idOf(token) };
}

/** The Set-Cookie header that makes a browser come back as this learner. */
export function learnerCookie({ token }: Learner): string {
  return `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${YEAR_S}`;
}

function idOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url").slice(0, 22);
}
