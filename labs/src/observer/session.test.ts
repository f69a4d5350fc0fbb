import { expect, onTestFinished, test } from "vitest";
import { Session } from "./session.ts";

/** A session with a program that does this with each question (`asked`) and can `say` lines. */
function open(program: string): { session: Session; ended: Promise<void> } {
  const script = `
    const say = (line) => process.stdout.write(JSON.stringify(line) + "\\n");
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => { const asked = JSON.parse(line); ${program} });`;
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const session = new Session({ file: process.execPath, args: ["-e", script], env: {} }, end);
  onTestFinished(() => session.close());
  return { session, ended };
}

test("each question gets its own answer, whatever their order", async () => {
  const { session } = open(`
    globalThis.kept ??= [];
    kept.push(asked);
    if (kept.length === 2) for (const one of kept.reverse()) say({ id: one.id, result: { text: one.text } });`);
  const answers = await Promise.all([session.ask({ text: "first" }), session.ask({ text: "second" })]);
  expect(answers).toEqual([{ text: "first" }, { text: "second" }]);
});

test("an answer may come in pieces that cut a character", async () => {
  const { session } = open(`
    const bytes = Buffer.from(JSON.stringify({ id: asked.id, result: { text: "한국어" } }) + "\\n");
    process.stdout.write(bytes.subarray(0, 26));
    setTimeout(() => process.stdout.write(bytes.subarray(26)), 50);`);
  expect(await session.ask({})).toEqual({ text: "한국어" });
});

test.each([
  ["missing", "observer.missing"],
  ["gone", "observer.gone"],
  ["", "observer.failed"],
])("an error with the code %j is %s", async (code, expected) => {
  const { session } = open(`say({ id: asked.id, error: "no such file", code: ${JSON.stringify(code)} });`);
  await expect(session.ask({})).rejects.toMatchObject({ code: expected, message: "no such file" });
});

test("a question that takes too long is given up, and ended on the other side", async () => {
  const { session } = open(`
    if (asked.ask === "cancel") globalThis.cancelled = asked.target;
    if (asked.ask === "what") say({ id: asked.id, result: { cancelled } });`);
  await expect(session.ask({ ask: "slow" }, { timeoutMs: 50 })).rejects.toMatchObject({ code: "observer.late" });
  expect(await session.ask({ ask: "what" })).toEqual({ cancelled: 1 });
});

test("what goes on until it is stopped answers what it found by then", async () => {
  const { session } = open(`if (asked.ask === "cancel") say({ id: asked.target, result: { total: 3 } });`);
  const stop = new AbortController();
  const polling = session.ask({ ask: "poll" }, { stop: stop.signal });
  stop.abort();
  expect(await polling).toEqual({ total: 3 });
});

test("a connection that ends leaves no question waiting, and says what it heard last", async () => {
  const { session, ended } = open(`process.stderr.write("no such container"); process.exit(1);`);
  await expect(session.ask({})).rejects.toMatchObject({
    code: "observer.lost",
    message: expect.stringContaining("no such container"),
  });
  await ended;
  await expect(session.ask({})).rejects.toMatchObject({ code: "observer.lost" });
});
