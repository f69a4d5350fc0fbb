import { isMap, isNode, isPair, LineCounter, parseDocument, type Document, type Node } from "yaml";
import type { z } from "zod";
import type { Problem } from "./problem.ts";

/** Reads YAML against a schema; every problem has the line of the value or key that it is about. */
export function parseYaml<S extends z.ZodType>(
  file: string,
  text: string,
  schema: S,
): { value?: z.infer<S>; problems: Problem[]; lineOf: (path: PropertyKey[]) => number } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const lineOf = (path: PropertyKey[]) => lineAt(nearest(document, path));
  if (document.errors.length > 0) {
    return { problems: document.errors.map((error) => ({ file, line: lineAt(error.pos[0]), message: error.message })), lineOf };
  }
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return { value: parsed.data, problems: [], lineOf };
  const problems = parsed.error.issues.flatMap((issue): Problem[] => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        file,
        line: lineAt(keyOffset(document, issue.path, key)),
        message: `unknown field ${where([...issue.path, key])}`,
      }));
    }
    const missing = issue.code === "invalid_type" && document.getIn(issue.path) === undefined;
    const message = missing ? `${where(issue.path)} is missing` : `${where(issue.path)}: ${issue.message}`;
    return [{ file, line: lineOf(issue.path), message }];
  });
  return { problems, lineOf };
}

function where(path: PropertyKey[]): string {
  return path.length === 0 ? "the file" : path.map(String).join(".");
}

/** Offset of the value at `path`, or of the closest thing around it that exists. */
function nearest(document: Document, path: PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetOf(document.getIn(path.slice(0, length), true));
    if (offset !== undefined) return offset;
  }
  return offsetOf(document.contents) ?? 0;
}

function keyOffset(document: Document, path: PropertyKey[], key: string): number {
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = isMap(map) ? map.items.find((item) => isPair(item) && String(item.key) === key) : undefined;
  return offsetOf(pair?.key) ?? nearest(document, path);
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
