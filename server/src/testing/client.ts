import { request, type IncomingHttpHeaders } from "node:http";
import WebSocket from "ws";
import type { ServerEvent } from "../contract.ts";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test looks at what it expects
  body: any;
  text: string;
}

export interface AskOptions {
  body?: unknown;
  /** Sent as it is, in place of `body`. */
  raw?: string | Buffer;
  /** Undefined leaves a header out. */
  headers?: Record<string, string | undefined>;
}

/** A browser of one learner, as far as the API is concerned. */
export class Client {
  readonly #port: number;
  cookie = "";

  constructor(url: string) {
    this.#port = Number(new URL(url).port);
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  ask(method: string, path: string, { body, raw, headers = {} }: AskOptions = {}): Promise<Answer> {
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const sent: Record<string, string | undefined> = {
      ...(method === "GET" ? {} : { origin: this.origin, "content-type": "application/json" }),
      ...(this.cookie ? { cookie: this.cookie } : {}),
      ...(payload === undefined ? {} : { "content-length": String(Buffer.byteLength(payload)) }),
      ...headers,
    };
    const defined = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined)) as Record<string, string>;
    return new Promise((resolve, reject) => {
      const outgoing = request({ host: "127.0.0.1", port: this.#port, method, path, headers: defined }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () => {
          const cookie = incoming.headers["set-cookie"]?.[0];
          if (cookie) this.cookie = cookie.split(";")[0]!;
          const text = Buffer.concat(chunks).toString("utf8");
          const isJson = incoming.headers["content-type"]?.includes("json");
          resolve({ status: incoming.statusCode!, headers: incoming.headers, text, body: isJson ? JSON.parse(text) : undefined });
        });
      });
      outgoing.on("error", reject);
      outgoing.end(payload);
    });
  }

  get(path: string): Promise<Answer> {
    return this.ask("GET", path);
  }

  post(path: string, body: unknown = {}): Promise<Answer> {
    return this.ask("POST", path, { body });
  }

  /** Opens a terminal's stream; the headers may be other ones than a browser would send. */
  stream(path: string, headers: Record<string, string | undefined> = {}): WebSocket {
    const sent: Record<string, string | undefined> = { origin: this.origin, cookie: this.cookie, ...headers };
    const defined = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined)) as Record<string, string>;
    return new WebSocket(`ws://127.0.0.1:${this.#port}${path}`, { headers: defined });
  }

  /** Collects events until it is closed. */
  async events(): Promise<{ seen: ServerEvent[]; close: () => void }> {
    const seen: ServerEvent[] = [];
    const abort = new AbortController();
    const response = await fetch(`${this.origin}/api/events`, { headers: { cookie: this.cookie }, signal: abort.signal });
    void (async () => {
      let text = "";
      for await (const chunk of response.body!) {
        text += Buffer.from(chunk as Uint8Array).toString("utf8");
        const parts = text.split("\n\n");
        text = parts.pop()!;
        for (const part of parts) {
          const data = part.split("\n").find((line) => line.startsWith("data: "));
          if (data) seen.push(JSON.parse(data.slice(6)) as ServerEvent);
        }
      }
    })().catch(() => undefined);
    return { seen, close: () => abort.abort() };
  }
}
