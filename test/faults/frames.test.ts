import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type WebSocket from "ws";
import { MAX_CLIENT_FRAME_BYTES } from "../../server/src/contract.ts";
import { LocalKeepers } from "../../server/src/testing/keeper.ts";
import { eventually, TestServer } from "../../server/src/testing/test-server.ts";
import type { TestWindow } from "../../server/src/testing/window.ts";
import { expectedClose, fuzzedFrame, type FuzzedFrame } from "./support/fuzzed-frames.ts";
import { Learner } from "./support/learner.ts";
import { Random } from "./support/random.ts";

const FRAMES = 10_000;
const FUZZERS = 6;
const MIB = 1024 * 1024;
/** DRYDOCK_SEED=… repeats a run. */
const SEED = Number(process.env.DRYDOCK_SEED ?? Date.now() % 2 ** 32);

const keepers = new LocalKeepers();
const hasGo = await keepers.build();

/**
 * What runs on node01 in place of a login shell: whatever is typed there, no shell is to carry it
 * out on this machine.
 */
const SINK = "stty raw -echo; printf 'ready '; exec cat >/dev/null";
let onNode01 = SINK;

let server: TestServer;
let learner: Learner;
/** Of a terminal of its own, with a shell. */
let bystander: TestWindow;
/** Looks at the terminal that is attacked. */
let witness: TestWindow;

beforeAll(async () => {
  expect(hasGo, "Go builds the shell keeper").toBe(true);
  server = await TestServer.start({
    shellCommand(host, argv) {
      const command = keepers.shellCommand(host, argv);
      const at = command.args.indexOf("--");
      if (host !== "node01" || at < 0) return command;
      return { ...command, args: [...command.args.slice(0, at + 1), "/bin/sh", "-c", onNode01] };
    },
  });
  learner = await Learner.at(server.server.url, "one");
  bystander = await learner.openTerminal("controlplane");
});
afterAll(async () => {
  await server?.end();
  await keepers.end();
});
beforeEach(async () => {
  onNode01 = SINK;
});
afterEach(async () => {
  await learner.client.ask("DELETE", `/api/sessions/${learner.session}/terminals/${learner.terminal}`);
});

const path = () => `/api/sessions/${learner.session}/terminals/${learner.terminal}/stream?cols=80&rows=24`;
const keeper = async () => (await keepers.list()).find(({ name }) => name === learner.terminal);

/** A socket on the terminal that is attacked, once it is open. */
async function connect(): Promise<WebSocket> {
  const socket = learner.client.stream(path());
  socket.on("error", () => undefined);
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return socket;
}

/**
 * Sends a frame and answers the code with which the socket was closed, or undefined where it goes
 * on.
 */
async function outcome(socket: WebSocket, { kind, bytes }: FuzzedFrame): Promise<number | undefined> {
  return new Promise((resolve) => {
    const closed = (code: number) => resolve(code);
    socket.once("close", closed);
    if (kind === "raw") {
      // After bytes that are no frame the rest makes no sense: whoever sends them goes away.
      (socket as unknown as { _socket: Duplex })._socket.write(bytes, () => socket.terminate());
      return;
    }
    socket.send(bytes, { binary: kind === "binary" });
    socket.once("pong", () => {
      socket.off("close", closed);
      resolve(undefined);
    });
    socket.ping();
  });
}

/** The terminal beside the attacked one, and a window of the attacked one, are as they were. */
async function expectOthersUntouched(word: string): Promise<void> {
  expect(witness.closeCode).toBeUndefined();
  expect(bystander.closeCode).toBeUndefined();
  bystander.type(`echo ${word}'' \r`);
  await bystander.shows(new RegExp(`^${word}`, "m"));
  expect((await learner.client.get("/api/platform")).status).toBe(200);
}

test(`${FRAMES} fuzzed frames: what is not of the contract closes its own socket, with the code that the contract says, and nothing else`, async () => {
  witness = await learner.openTerminal("node01");
  await witness.shows("ready");
  const shell = (await keeper())!.pid;
  const closes = new Map<number | undefined, number>();
  await Promise.all(
    Array.from({ length: FUZZERS }, async (_, fuzzer) => {
      const random = new Random(SEED + fuzzer);
      let socket = await connect();
      for (let sent = 0; sent < FRAMES / FUZZERS; sent += 1) {
        const frame = fuzzedFrame(random);
        const code = await outcome(socket, frame);
        closes.set(code, (closes.get(code) ?? 0) + 1);
        const expected = expectedClose(frame);
        const about = `DRYDOCK_SEED=${SEED} fuzzer ${fuzzer} frame ${sent} ${frame.kind} ${frame.bytes.subarray(0, 200).toString("latin1")}`;
        if (expected !== "any") expect(code, about).toBe(expected);
        expect(witness.closeCode, about).toBeUndefined();
        expect(bystander.closeCode, about).toBeUndefined();
        if (code !== undefined) socket = await connect();
      }
      socket.terminate();
    }),
  );
  console.log(`seed ${SEED}; closed with: ${JSON.stringify([...closes].sort())}`);
  expect([...closes.values()].reduce((sum, one) => sum + one)).toBeGreaterThanOrEqual(FRAMES);
  expect((await keeper())!).toMatchObject({ pid: shell, exited: false });
  await expectOthersUntouched("fuzzed");
});

test("a frame of 10 MiB is refused, and holds nobody up", async () => {
  witness = await learner.openTerminal("node01");
  const socket = await connect();
  const before = process.memoryUsage.rss();
  expect(await outcome(socket, { kind: "binary", bytes: Buffer.alloc(10 * MIB) })).toBe(1009);
  expect(process.memoryUsage.rss() - before).toBeLessThan(50 * MIB);
  await expectOthersUntouched("large");
});

test("a paste of 1 MiB of any bytes arrives whole and in order, though nobody reads at first", async () => {
  const random = new Random(SEED);
  const paste = random.bytes(MIB);
  // Reads on as soon as the file is there.
  const go = `${keepers.dir}/go`;
  onNode01 = `stty raw -echo; printf 'ready '; until [ -e ${go} ]; do sleep 0.05; done; head -c ${MIB} | sha256sum; exec cat >/dev/null`;
  witness = await learner.openTerminal("node01");
  await witness.shows("ready");
  const pasting = await connect();
  for (let at = 0; at < paste.length; at += MAX_CLIENT_FRAME_BYTES) pasting.send(paste.subarray(at, at + MAX_CLIENT_FRAME_BYTES));
  await expectOthersUntouched("pasting");
  const { writeFileSync } = await import("node:fs");
  writeFileSync(go, "");
  await witness.shows(createHash("sha256").update(paste).digest("hex"), 60_000);
  await expectOthersUntouched("pasted");
  pasting.terminate();
});

test("a storm of resizes is gathered: the shell gets few of them, within bounds, and the last one", async () => {
  witness = await learner.openTerminal("node01");
  const storming = await learner.look({ cols: 80, rows: 24 });
  storming.type("x"); // it decides the size from now on
  const random = new Random(SEED);
  const startedAt = performance.now();
  for (let sent = 0; sent < 5000; sent += 1) storming.resize(random.int(2, 500), random.int(1, 300));
  storming.resize(123, 45);
  await eventually(async () => expect(await keeper()).toMatchObject({ cols: 123, rows: 45 }), 20_000);
  const elapsedMs = performance.now() - startedAt;
  await eventually(() => expect(witness.last("size")).toMatchObject({ cols: 123, rows: 45 }));
  const applied = witness.frames.filter(({ type }) => type === "size").length;
  expect(applied).toBeGreaterThan(0);
  expect(applied).toBeLessThanOrEqual(elapsedMs / 40 + 2);
  await storming.close();
  await expectOthersUntouched("resized");
});

test.each([
  { cols: 1, rows: 24 },
  { cols: 501, rows: 24 },
  { cols: 80, rows: 0 },
  { cols: 80, rows: 301 },
  { cols: 65_536, rows: 24 },
  { cols: -80, rows: 24 },
  { cols: 80.5, rows: 24 },
  { cols: Infinity, rows: 24 },
])("a size of $cols × $rows closes the window that asks for it, and the shell keeps its own", async (size) => {
  witness = await learner.openTerminal("node01");
  const asking = await connect();
  expect(await outcome(asking, { kind: "text", bytes: Buffer.from(JSON.stringify({ type: "resize", ...size })) })).toBe(1008);
  await eventually(async () => expect(await keeper()).toMatchObject({ cols: 80, rows: 24 }));
  await expectOthersUntouched("sized");
});
