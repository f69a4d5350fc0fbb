import type { TerminalState } from "@drydock/terminal";
import { z } from "zod";
import { checkResultSchema } from "../../labs/src/checks/outcome.ts";
import { checkSpecSchema, DOMAINS, scenarioSchema, textSchema } from "../../labs/src/scenarios/schema.ts";

export type { CheckResult } from "../../labs/src/checks/outcome.ts";
export { LANGUAGES, type Language, type Text } from "../../labs/src/scenarios/schema.ts";

/**
 * The API between the page and the server: the one schema of every body and frame, and the only
 * thing that the page imports from the server.
 *
 * Every request carries the cookie `drydock_learner` (set by the first answer, HttpOnly,
 * SameSite=Strict). State-changing requests need Content-Type application/json and an Origin of
 * this server. Errors are `errorSchema` with a 4xx or 5xx.
 *
 *   GET    /api/platform                         → platform       (the page asks this first and alone, so that the cookie is set once)
 *   POST   /api/platform/retry     {}            → 202 platform   prepares again after `failed`; otherwise just says how it stands
 *   GET    /api/scenarios                        → { domains, scenarios: scenarioSummary[] }
 *   GET    /api/scenarios/:slug                  → scenarioDetail
 *   GET    /api/sessions                         → { sessions: session[] }   the learner's own, newest first
 *   POST   /api/sessions           startSession  → 201 session   (the running one of that scenario, with 200, where there is one)
 *   GET    /api/sessions/:id                     → session
 *   DELETE /api/sessions/:id                     → 204           ends it and gives its sandbox back; its attempts stay
 *   POST   /api/sessions/:id/check  {}           → 201 attempt   (409 `session.not-ready`, `session.checking`)
 *   POST   /api/sessions/:id/reset  {}           → 202 session   a fresh sandbox, the scenario set up again; ends its terminals (`terminals` is empty then)
 *   POST   /api/sessions/:id/extend {}           → session       the lease begins anew
 *   POST   /api/sessions/:id/hints  {}           → session       reveals the next hint
 *   POST   /api/sessions/:id/solution {}         → solution      records that it was looked at
 *   GET    /api/scenarios/:slug/attempts         → { attempts: attempt[] }   the learner's own, newest first, of all sessions
 *   POST   /api/sessions/:id/terminals openTerminal → 201 terminal   (409 `session.not-ready`, `terminal.too-many`: 12 at most)
 *   DELETE /api/sessions/:id/terminals/:terminal → 204           ends the shell
 *   GET    /api/events                           → text/event-stream of `event` objects (event name = `type`), the present state first
 *   WS     /api/sessions/:id/terminals/:terminal/stream?cols=&rows=     see `terminalClientFrame`
 */

/** `output`: what a program printed that failed, apart from `message`. */
export const failureSchema = z.object({
  code: z.string(),
  message: z.string(),
  advice: z.string().optional(),
  output: z.string().optional(),
});
export const errorSchema = z.object({ error: failureSchema });

export const phaseSchema = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(["waiting", "running", "done", "failed"]),
  elapsedMs: z.number(),
  estimateMs: z.number().optional(),
  detail: z.string().optional(),
  /**
   * Of a phase that is waiting in a queue: 1 is next; `withinMs`: how long until then at most,
   * where that is known.
   */
  place: z.object({ position: z.number(), withinMs: z.number().optional() }).optional(),
});
export type Phase = z.infer<typeof phaseSchema>;

/**
 * What the machine is being prepared with: engine, kind, node image. Sessions can start when it is
 * `ready`.
 */
export const platformSchema = z.object({
  state: z.enum(["preparing", "ready", "failed"]),
  phases: z.array(phaseSchema),
  startedAt: z.string(),
  error: failureSchema.optional(),
  version: z.string(),
  kubernetes: z.string().optional(),
  /**
   * Clusters that wait ready, whether one more is being made, and how many sessions wait for room.
   * Absent before sandboxes can be made.
   */
  pool: z.object({ ready: z.number(), isRefilling: z.boolean(), waiting: z.number() }).optional(),
});
export type Platform = z.infer<typeof platformSchema>;

export const scenarioSummarySchema = scenarioSchema
  .pick({ title: true, domain: true, difficulty: true, minutes: true, points: true, tags: true, topology: true })
  .extend({
    slug: z.string(),
    /** The learner's best score so far, where there is an attempt. */
    best: z.object({ points: z.number(), solved: z.boolean() }).optional(),
    /** The running session of the learner, where there is one. */
    sessionId: z.string().optional(),
  });
export type ScenarioSummary = z.infer<typeof scenarioSummarySchema>;

export const scenarioDetailSchema = scenarioSummarySchema.extend({
  host: z.string(),
  hosts: z.array(z.string()),
  /** Markdown. */
  task: textSchema,
  checks: z.array(checkSpecSchema),
  hintCount: z.number(),
  docs: z.array(z.object({ title: z.string(), url: z.string() })),
  previous: z.string().optional(),
  next: z.string().optional(),
});
export type ScenarioDetail = z.infer<typeof scenarioDetailSchema>;

export const domainsSchema = z.record(
  z.enum(Object.keys(DOMAINS) as [keyof typeof DOMAINS]),
  z.object({ weight: z.number(), title: textSchema }),
);

export const catalogueSchema = z.object({ domains: domainsSchema, scenarios: z.array(scenarioSummarySchema) });
export type Catalogue = z.infer<typeof catalogueSchema>;

export const terminalSchema = z.object({
  id: z.string(),
  host: z.string(),
  /** `controlplane`, `node01`, `node01 (2)`. */
  title: z.string(),
});
export type Terminal = z.infer<typeof terminalSchema>;

/**
 * preparing: a sandbox is made and set up (phases say how far) → ready → ended. `failed`: preparing
 * failed, `error` says why, Reset tries again. `lost`: the sandbox is gone or does not answer,
 * Reset gives a new one. `resetting` is `preparing` with attempts kept.
 */
export const sessionSchema = z.object({
  id: z.string(),
  scenario: z.string(),
  state: z.enum(["preparing", "ready", "failed", "lost", "ended"]),
  phases: z.array(phaseSchema),
  /** Frozen after a while without input or a check; the next key or check thaws it. */
  power: z.enum(["awake", "freezing", "frozen", "thawing"]),
  /** What is left of the lease now; absent where it does not end. */
  leaseLeftMs: z.number().optional(),
  checking: z.boolean(),
  startedAt: z.string(),
  /** When the task could first be worked on: elapsed time counts from here. */
  readyAt: z.string().optional(),
  /**
   * When the present cluster was set up: after a reset later than `readyAt`. Attempts made before
   * it were made on another cluster.
   */
  freshAt: z.string().optional(),
  endedAt: z.string().optional(),
  hints: z.array(textSchema).describe("those revealed so far"),
  hintCount: z.number(),
  solutionSeen: z.boolean(),
  terminals: z.array(terminalSchema),
  hosts: z.array(z.string()),
  best: z.object({ points: z.number(), solved: z.boolean() }).optional(),
  error: failureSchema.optional(),
});
export type Session = z.infer<typeof sessionSchema>;

export const attemptSchema = z.object({
  id: z.string(),
  sessionId: z.string(),
  scenario: z.string(),
  verdict: z.enum(["passed", "failed", "error"]),
  points: z.number(),
  maxPoints: z.number(),
  checks: z.array(checkResultSchema),
  startedAt: z.string(),
  durationMs: z.number(),
  /** Milliseconds on the task when it was made. */
  elapsedMs: z.number(),
  hintsUsed: z.number(),
  solutionSeen: z.boolean(),
});
export type Attempt = z.infer<typeof attemptSchema>;

export const solutionSchema = z.object({ solution: textSchema });

export const startSessionSchema = z.strictObject({ scenario: z.string().min(1).max(100) });
export const openTerminalSchema = z.strictObject({ host: z.string().min(1).max(63) });
export const emptyBodySchema = z.strictObject({});

/** What `/api/events` sends, one JSON object per event. */
export const eventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("platform"), platform: platformSchema }),
  z.object({ type: z.literal("session"), session: sessionSchema }),
  z.object({ type: z.literal("attempt"), attempt: attemptSchema }),
]);
export type ServerEvent = z.infer<typeof eventSchema>;

/**
 * The page acknowledges each time that it has painted this much more. What the server lets go
 * unacknowledged must be several times as much.
 */
export const ACK_EVERY_BYTES = 64 * 1024;

/**
 * Terminal stream, client → server. Binary frames are the bytes that the learner typed. Text frames
 * are one of these:
 * - resize: the window's size, when it changes (at the start it is in the URL). The size of the
 *   window typed in last wins; the first window counts as typed in until another is, and when the
 *   deciding window goes, one that is left decides.
 * - ack: how many bytes of binary frames (in all, on this connection; `screen` does not count) the
 *   page has painted: flow control.
 * - answer: what the emulator says by itself to a query in the output (cursor position, device
 *   attributes, colours). Every window answers each query; the server passes on only those of the
 *   window that decides the size, or a shell would be typed each answer twice.
 */
export const terminalClientFrameSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("resize"), cols: z.number().int().min(2).max(500), rows: z.number().int().min(1).max(300) }),
  z.strictObject({ type: z.literal("ack"), bytes: z.number().int().min(0) }),
  z.strictObject({ type: z.literal("answer"), data: z.string().max(4096) }),
]);
export type TerminalClientFrame = z.infer<typeof terminalClientFrameSchema>;

/**
 * The server's own terminal wrote it and the page's takes it as it is: nothing here looks inside.
 */
const terminalState = z.custom<TerminalState>((value) => typeof value === "object" && value !== null && "cols" in value);

/**
 * Terminal stream, server → client. Binary frames are output for the terminal. Text frames are one
 * of these:
 * - screen: start afresh with this state of a terminal (first frame of each connection, and when
 *   the page fell too far behind); clears what was shown. Its cols and rows are the shell's size,
 *   after this window's own was applied if this one decides; where they differ from the window's,
 *   another decides.
 * - size: the size that the shell has now, when another window decided it, and to a window that
 *   begins to decide by being the one left.
 * - exit: the shell ended. - error: the stream cannot go on (`lost`, `too-large`, …); the socket
 *   closes after it. What ends a terminal says so by an `error` and closes with 1000:
 *   `session.reset`, `session.ended`, `terminal.closed`; `lost`: the session's state says more.
 *   After `exit` the socket stays open and the terminal stays in the session, with its last screen,
 *   until it is deleted. Close codes: 4400 wrong query, 4401 not yours, 4404 unknown, 4409 session
 *   not ready, 4429 too many windows, 1008 a text frame that is none of these, 1009 frame too
 *   large, 1012 the server restarts (reconnect). A foreign Origin or Host is refused with HTTP 403
 *   before that.
 */
export const terminalServerFrameSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("screen"), state: terminalState }),
  z.object({ type: z.literal("size"), cols: z.number(), rows: z.number() }),
  z.object({ type: z.literal("exit"), code: z.number().nullable() }),
  z.object({ type: z.literal("error"), code: z.string(), message: z.string() }),
]);
export type TerminalServerFrame = z.infer<typeof terminalServerFrameSchema>;

/** Most bytes in one frame from the client; a larger paste is sent in pieces. */
export const MAX_CLIENT_FRAME_BYTES = 256 * 1024;
