import { DrydockError } from "../errors.ts";
import type { AskHost } from "../observer/index.ts";

/**
 * An observer for tests without a cluster: every host has these files, by path, and nothing else
 * can be asked.
 */
export function observeFiles(files: Readonly<Record<string, string>> = {}): AskHost {
  return async (_host, question) => {
    if (question.ask !== "read") throw new DrydockError("observer.failed", `${question.ask} is not part of this fake`);
    const text = files[(question as { path: string }).path];
    if (text === undefined) throw new DrydockError("observer.missing", "no such file");
    return { content: Buffer.from(text).toString("base64") } as never;
  };
}
