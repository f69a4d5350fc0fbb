import { ApiError } from "../lib/api.ts";
import type { Messages } from "../messages/index.ts";

export interface Notice {
  id: number;
  message: string;
  advice?: string;
  /** Whether the words are the server's, which speaks English only. */
  fromServer: boolean;
}

/** What went wrong with something that was just asked for. Shown until dismissed. */
export class Notices {
  list: Notice[] = $state.raw([]);
  #lastId = 0;

  /** Shows an error in words for people; the same words are not shown twice at a time. */
  show(error: unknown, messages: Messages): void {
    const notice = { id: ++this.#lastId, ...describe(error, messages) };
    this.list = [...this.list.filter((other) => other.message !== notice.message), notice].slice(-3);
  }

  /** Shows what the server says by itself, where it says something. */
  tell(said: { message: string; advice?: string } | undefined): void {
    if (said) this.list = [...this.list, { id: ++this.#lastId, ...said, fromServer: true }].slice(-3);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}

/** An error as a person should read it. */
export function describe(error: unknown, m: Messages): Omit<Notice, "id"> {
  if (!(error instanceof ApiError)) {
    console.error(error);
    return { message: m.unknownError, fromServer: false };
  }
  if (error.code === "page.unreachable") return { message: m.unreachable, fromServer: false };
  if (error.code === "page.odd-answer") {
    console.error(error);
    return { message: m.oddAnswer, fromServer: false };
  }
  const own = refusal(error.code, m);
  return own ? { ...own, fromServer: false } : { message: error.message, advice: error.advice, fromServer: true };
}

/** The page's own words for what the server refuses, where it has some. */
export function refusal(code: string | undefined, m: Messages): { message: string; advice: string } | undefined {
  return Object.entries(m.refused).find(([one]) => one === code)?.[1];
}
