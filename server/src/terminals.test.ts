import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { GIVING_WAY_BYTES_PER_MS } from "./terminals/pace.ts";
import { LocalKeepers } from "./testing/keeper.ts";
import { eventually, TestServer } from "./testing/test-server.ts";
import { TestWindow, type WindowOptions } from "./testing/window.ts";

const keepers = new LocalKeepers();
const hasGo = await keepers.build();

describe.skipIf(!hasGo)("a terminal on a real shell keeper", () => {
  let server: TestServer;
  let session: string;
  let terminal: string;
  beforeAll(async () => {
    server = await TestServer.start({ shellCommand: keepers.shellCommand });
    session = await server.ready();
  });
  const at = () => `/api/sessions/${session}/terminals`;
  const newTerminal = async () =>
    (await server.learner.post(at(), { host: "controlplane" })).body as { id: string; title: string };
  const closeTerminal = async (id: string) => (await server.learner.ask("DELETE", `${at()}/${id}`)).status;
  beforeEach(async () => {
    terminal = (await newTerminal()).id;
  });
  afterEach(async () => {
    const { terminals } = (await server.learner.get(`/api/sessions/${session}`)).body as { terminals: { id: string }[] };
    await Promise.all(terminals.map(({ id }) => closeTerminal(id)));
  });
  afterAll(async () => {
    await server.end();
    await keepers.end();
  });
  const open = (options: WindowOptions = {}) => TestWindow.open(server.learner, session, terminal, options);
  const shell = async () => (await keepers.list()).find((one) => one.name === terminal);

  test("echoes what is typed, and its size is the window's", async () => {
    const window = await open({ cols: 101, rows: 33 });
    window.type("stty size; echo o''k\r");
    await window.shows("33 101\nok");
    window.resize(90, 20);
    await eventually(async () => expect(await shell()).toMatchObject({ cols: 90, rows: 20 }));
    await window.close();
  });

  test("a reload comes back to the same shell and the same screen", async () => {
    const window = await open();
    window.type("x=kept; printf '\\033[31mred\\033[0m 한글 '; seq 200; echo e''nd\r");
    const prompt = /end\nbash\S+#$/;
    await window.shows(prompt);
    const shown = window.text();
    await window.close();
    const again = await open();
    await again.shows(prompt);
    expect(again.text()).toBe(shown);
    expect(again.outputBytes).toBe(0);
    again.type("echo $x-$x\r");
    await again.shows("kept-kept");
    await again.close();
  });

  test("full-screen programs come back as they were: other screen, hidden cursor, mouse and paste modes", async () => {
    const window = await open();
    window.type("printf '\\033[?1049h\\033[?25l\\033[?1000h\\033[?1006h\\033[?2004h\\033[2;5r\\033[3;3Hfull'; cat\r");
    await window.shows("full");
    const again = await open();
    await again.shows("full");
    expect(again.terminal.buffer.active.type).toBe("alternate");
    expect(again.terminal.modes).toMatchObject({ mouseTrackingMode: "vt200", bracketedPasteMode: true });
    expect(again.last("screen")!.state).toMatchObject({
      cursor: { hidden: true },
      mouse: { encoding: "SGR" },
      alt: { margins: [1, 4] },
    });
    again.type("\x03");
    await Promise.all([window.close(), again.close()]);
  });

  test("two windows see the same; the size is that of the one typed in last, and of the one that is left", async () => {
    const first = await open({ cols: 100, rows: 30 });
    const second = await open({ cols: 60, rows: 20 });
    expect(second.last("screen")!.state).toMatchObject({ cols: 100, rows: 30 });
    // Nothing is not typed.
    second.type("");
    first.type("echo from-fir''st\r");
    await Promise.all([first.shows("from-first"), second.shows("from-first")]);
    second.type("echo from-sec''ond\r");
    await Promise.all([first.shows("from-second"), second.shows("from-second")]);
    expect(await shell()).toMatchObject({ cols: 60, rows: 20 });
    expect(first.last("size")).toMatchObject({ cols: 60, rows: 20 });
    expect(second.last("size")).toBeUndefined();
    first.resize(120, 40);
    await second.close();
    await eventually(async () => expect(await shell()).toMatchObject({ cols: 120, rows: 40 }));
    await eventually(() => expect(first.last("size")).toMatchObject({ cols: 120, rows: 40 }));
    await first.close();
  });

  test("a query is answered once, by the window that decides, and never by a screen that comes back", async () => {
    const first = await open({ answers: true });
    const second = await open({ answers: true });
    first.type(
      "IFS= read -rs -t 2 -d R -p $'\\033[6n' answer; read -rs -t 0.5 -n 1 more; echo \"${#answer}:${#more}:\" | cat -v\r",
    );
    await first.shows(/^[5-9]:0:$/m);
    await second.close();
    const again = await open({ answers: true });
    again.type("echo cle''an\r");
    await again.shows("clean");
    expect(again.text()).not.toMatch(/\d+;\d+R|\[\?1;2c/);
    await Promise.all([first.close(), again.close()]);
  });

  test("a restart of the server comes back to the same shell, process and screen; output meanwhile is there, once", async () => {
    const window = await open();
    window.type("x=kept; echo pid=$$; (for i in 1 2 3 4 5 6 7 8; do sleep 0.2; echo tick-$i; done) &\r");
    await window.shows("tick-1");
    const { pid } = (await shell())!;
    await server.stop();
    await eventually(() => expect(window.closeCode).toBe(1012));
    await server.start();
    const again = await open();
    await again.shows("tick-8");
    expect([...again.text().matchAll(/tick-(\d)$/gm)].map((match) => match[1]).join("")).toBe("12345678");
    expect((await shell())!.pid).toBe(pid);
    again.type("echo $x-$x\r");
    await again.shows("kept-kept");
    await again.close();
  });

  test("10 MB of output arrive whole and in order, and the shell answers", async () => {
    const window = await open({ cols: 120 });
    const lines = 909_090; // of 11 bytes with the carriage return
    window.type(`stty -echo; clear; seq -f %09.0f 1 ${lines}; echo do''ne\r`);
    await window.shows("done", 60_000);
    const numbers = window
      .text()
      .match(/^\d{9}$/gm)!
      .map(Number);
    expect(numbers.length).toBeGreaterThan(4900);
    expect(numbers.at(-1)).toBe(lines);
    numbers.forEach((number, index) => expect(number).toBe(numbers[0]! + index));
    expect(window.outputBytes).toBeGreaterThan(lines * 11);
    expect(window.frames.filter((frame) => frame.type === "screen")).toHaveLength(1);
    window.type("echo respon''sive\r");
    await window.shows("responsive");
    await window.close();
  }, 90_000);

  test("Ctrl-C stops a flood", async () => {
    const window = await open();
    window.type("yes\r");
    await eventually(() => expect(window.outputBytes).toBeGreaterThan(500_000));
    window.type("\x03");
    window.type("echo stop''ped\r");
    await window.shows("stopped");
    const { outputBytes } = window;
    await new Promise((next) => setTimeout(next, 300));
    expect(window.outputBytes).toBe(outputBytes);
    await window.close();
  }, 40_000);

  test("a flood gives way while somebody types in another shell", async () => {
    const [flood, typing] = [await open(), await TestWindow.open(server.learner, session, (await newTerminal()).id)];
    flood.type("yes $(seq 27)\r");
    await eventually(() => expect(flood.outputBytes).toBeGreaterThan(1_000_000));
    const typeFor = async (ms: number) => {
      const startedAt = performance.now();
      while (performance.now() - startedAt < ms) {
        typing.type("x");
        await new Promise((next) => setTimeout(next, 20));
      }
      return performance.now() - startedAt;
    };
    // What was on its way before the first key is not the flood's turn.
    await typeFor(300);
    const before = flood.outputBytes;
    const elapsedMs = await typeFor(2000);
    const beside = flood.outputBytes - before;
    expect(beside).toBeGreaterThan(0);
    expect(beside).toBeLessThan(GIVING_WAY_BYTES_PER_MS * elapsedMs + 256 * 1024);
    // Nobody types any more.
    const after = flood.outputBytes;
    await eventually(() => expect(flood.outputBytes).toBeGreaterThan(after + 5_000_000), 30_000);
    flood.type("\x03");
    await Promise.all([flood.close(), typing.close()]);
  });

  test("a window that paints nothing holds nobody up, costs bounded memory, and gets a fresh screen when it goes on", async () => {
    const stalled = await open({ stalled: true });
    const quick = await open();
    quick.type(`seq -f %09.0f 1 1000000; echo do''ne\r`);
    await quick.shows("done", 60_000);
    expect(stalled.outputBytes).toBeLessThanOrEqual(512 * 1024);
    stalled.catchUp();
    await stalled.shows("done");
    expect(JSON.stringify(stalled.last("screen")!.state)).toContain("001000000");
    await Promise.all([stalled.close(), quick.close()]);
  }, 90_000);

  test("alone, a window that paints nothing lets the shell go on after a moment", async () => {
    const stalled = await open({ stalled: true });
    stalled.type(`seq -f %09.0f 1 300000; echo do''ne > /tmp/drydock-${terminal}; wait\r`);
    await eventually(async () => expect((await shell())!.end).toBeGreaterThan(3_300_000), 30_000);
    expect(stalled.outputBytes).toBeLessThanOrEqual(512 * 1024);
    await stalled.close();
  }, 40_000);

  test("a paste of 1 MiB arrives whole and in order", async () => {
    const window = await open();
    const line = (n: number) => `${String(n).padStart(62, "0")}\n`;
    const paste = Buffer.from(Array.from({ length: 16_384 }, (_, index) => line(index)).join("") + "END\n");
    window.type("stty -echo; sed '/^END$/q' | sha256sum; echo pas''ted\r");
    await new Promise((next) => setTimeout(next, 500));
    for (let at = 0; at < paste.length; at += 100_000) window.type(paste.subarray(at, at + 100_000));
    const { createHash } = await import("node:crypto");
    await window.shows("pasted", 60_000);
    await window.shows(createHash("sha256").update(paste).digest("hex"));
    await window.close();
  }, 90_000);

  test("the end of a shell is told after its last output, to whoever comes later too", async () => {
    const window = await open();
    window.type("echo last wor''ds; exit 7\r");
    await eventually(() => expect(window.last("exit")).toEqual({ type: "exit", code: 7 }));
    await window.shows("last words\nexit");
    const again = await open();
    await eventually(() => expect(again.last("exit")).toEqual({ type: "exit", code: 7 }));
    await again.shows("last words\nexit");
    await Promise.all([window.close(), again.close()]);
    await server.stop();
    await server.start();
    const later = await open();
    await eventually(() => expect(later.last("exit")).toEqual({ type: "exit", code: 7 }));
    await later.close();
  });

  test("a connection that is cut is taken up where it broke", async () => {
    const window = await open();
    window.type("(for i in $(seq 40); do echo line-$i; sleep 0.05; done; echo fin''ished) &\r");
    await window.shows("line-5\n");
    await keepers.cut(terminal);
    await window.shows("finished");
    expect([...window.text().matchAll(/line-(\d+)$/gm)].map((match) => Number(match[1]))).toEqual(
      Array.from({ length: 40 }, (_, n) => n + 1),
    );
    expect(window.frames.filter((frame) => frame.type === "screen")).toHaveLength(1);
    await window.close();
  });

  test("closing a terminal ends its shell; titles count up and are used again", async () => {
    const second = await newTerminal();
    expect(second.title).toBe("controlplane (2)");
    const window = await TestWindow.open(server.learner, session, second.id);
    expect((await keepers.list()).some((one) => one.name === second.id)).toBe(true);
    expect(await closeTerminal(second.id)).toBe(204);
    await eventually(async () => expect((await keepers.list()).some((one) => one.name === second.id)).toBe(false));
    await eventually(() => expect(window.closeCode).toBe(1000));
    expect((await newTerminal()).title).toBe("controlplane (2)");
  });

  test("a sandbox that is gone is told, and the socket closed", async () => {
    const window = await open();
    const [box] = [...server.engine.records.values()];
    server.engine.records.delete(box!.id);
    await eventually(() => expect(window.last("error")?.code).toBe("lost"));
    await eventually(() => expect(window.closeCode).toBeDefined());
    server.engine.records.set(box!.id, box!);
    await server.until(session, "ready");
    const again = await open();
    again.type("echo ba''ck\r");
    await again.shows("back");
    await again.close();
  });
});
