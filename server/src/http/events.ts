import type { Request, Response } from "express";
import type { ServerEvent } from "../contract.ts";
import type { Events } from "../events.ts";
import { OpenCount, type Limit } from "../limits/limits.ts";
import { askerOf } from "./respond.ts";

const HEARTBEAT_MS = 15_000;
/**
 * A page that takes nothing for so long is disconnected; it comes back by itself and gets the
 * present state.
 */
const MOST_BUFFERED_BYTES = 1024 * 1024;

export interface EventStreamParts {
  events: Events;
  /** How everything stands now, told first. */
  present: (learner: string) => Promise<ServerEvent[]>;
  limits: { pages: Limit };
}

/**
 * Streams what happens to a learner, the present state first. Returns the handler, and what ends
 * all streams.
 */
export function streamEvents({ events, present, limits }: EventStreamParts): {
  handle: (request: Request, response: Response) => Promise<void>;
  close: () => void;
} {
  const open = new Set<Response>();
  const pages = new OpenCount("pages", limits.pages);
  return {
    async handle(_request, response) {
      const asker = askerOf(response);
      const { learner } = asker;
      response.on("close", pages.open(asker));
      const missed: ServerEvent[] = [];
      let tell = (event: ServerEvent): void => void missed.push(event);
      const unsubscribe = events.subscribe(learner, (event) => tell(event));
      response.on("close", unsubscribe);
      const first = await present(learner).catch((error: unknown) => {
        unsubscribe();
        throw error;
      });
      response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no" });
      tell = (event) => {
        if (response.writableEnded) return;
        if (response.writableLength > MOST_BUFFERED_BYTES) return void response.destroy();
        response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      };
      for (const event of [...first, ...missed]) tell(event);
      const heartbeat = setInterval(() => response.write(": still here\n\n"), HEARTBEAT_MS);
      open.add(response);
      response.on("close", () => {
        clearInterval(heartbeat);
        open.delete(response);
      });
    },
    close() {
      for (const response of open) response.end();
    },
  };
}
