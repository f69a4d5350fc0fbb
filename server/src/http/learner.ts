import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

const PLAIN = "drydock_learner";
/**
 * Browsers take a cookie of such a name over https only, for this host alone, and never from
 * another one.
 */
const SECURE = `__Host-${PLAIN}`;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const YEAR_S = 365 * 24 * 3600;

/**
 * Who asks. The token is what only that learner's browser knows; the id, made from it, is what is
 * stored.
 */
export interface Learner {
  id: string;
  token: string;
}

/** The learner that a request's cookie says, or undefined where it has none of the right form. */
export function learnerOf(request: IncomingMessage): Learner | undefined {
  const token = tokenIn(request, SECURE) ?? tokenIn(request, PLAIN);
  return token === undefined ? undefined : { token, id: idOf(token) };
}

/**
 * The Set-Cookie headers that make a browser come back as this learner; none where it does so
 * already. A cookie that was set before the page was behind https gets a safe one beside it, for
 * the same learner, and goes: it would be sent in the clear.
 */
export function learnerCookies(request: IncomingMessage, { token }: Learner, secure: boolean): string[] {
  if (!secure) return (tokenIn(request, PLAIN) ?? tokenIn(request, SECURE)) ? [] : [cookie(PLAIN, token, YEAR_S)];
  return [
    ...(tokenIn(request, SECURE) ? [] : [`${cookie(SECURE, token, YEAR_S)}; Secure`]),
    ...(tokenIn(request, PLAIN) ? [cookie(PLAIN, "", 0)] : []),
  ];
}

export function newLearner(): Learner {
  const token = randomBytes(32).toString("base64url");
  return { token, id: idOf(token) };
}

function cookie(name: string, value: string, maxAgeS: number): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeS}`;
}

function tokenIn(request: IncomingMessage, cookieName: string): string | undefined {
  for (const part of (request.headers.cookie ?? "").split(";")) {
    const [name, value = ""] = part.trim().split("=", 2);
    if (name === cookieName && TOKEN.test(value)) return value;
  }
  return undefined;
}

function idOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url").slice(0, 22);
}
