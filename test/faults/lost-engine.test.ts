import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LocalKeepers } from "../../server/src/testing/keeper.ts";
import { eventually, TestServer } from "../../server/src/testing/test-server.ts";
import type { TestWindow } from "../../server/src/testing/window.ts";
import { Learner } from "./support/learner.ts";

const keepers = new LocalKeepers();
const hasGo = await keepers.build();
beforeAll(() => expect(hasGo, "Go builds the shell keeper").toBe(true));
afterAll(() => keepers.end());

let server: TestServer;
let ann: Learner;
let bob: Learner;
let window: TestWindow;
beforeEach(async () => {
  server = await TestServer.start({ shellCommand: keepers.shellCommand });
  ann = await Learner.at(server.server.url, "one");
  bob = await Learner.at(server.server.url, "one");
  window = await ann.openTerminal("controlplane");
  window.type("x=kept; echo read''y\r");
  await window.shows("ready");
});
afterEach(() => server.end());

const boxOf = ({ session }: Learner) => [...server.engine.records.values()].find(({ leasedFor }) => leasedFor === session);
const shellOf = async ({ terminal }: Learner) => (await keepers.list()).find(({ name }) => name === terminal)?.pid;

/** The learner's terminal is there, with the shell that it had. */
async function worksOn(learner: Learner): Promise<void> {
  const again = await learner.look();
  again.type("echo $x-$x\r");
  await again.shows("kept-kept");
  await again.close();
}

/** Everything that needs no engine answers. */
async function pageWorks(): Promise<void> {
  const paths = ["/api/platform", "/api/scenarios", "/api/scenarios/one", "/api/scenarios/one/attempts", "/api/sessions"];
  for (const path of paths) expect((await ann.client.get(path)).status).toBe(200);
}

describe("a sandbox that vanished while the server was down", () => {
  let shell: number | undefined;
  beforeEach(async () => {
    shell = await shellOf(ann);
    await server.stop();
    server.engine.records.delete(boxOf(bob)!.id);
    await server.start();
    for (const learner of [ann, bob]) learner.comeBack(server.server.url);
  });

  test("makes its session lost, which a reset mends; the other learner has the terminal as it was", async () => {
    await bob.until("lost");
    const { error, hosts } = await bob.see();
    expect(error).toMatchObject({ code: "sandbox.lost", advice: expect.stringContaining("Reset") });
    expect(hosts).toHaveLength(2);
    expect((await bob.client.post(`/api/sessions/${bob.session}/check`)).body.error.code).toBe("sandbox.lost");
    await ann.until("ready");
    await worksOn(ann);
    expect(await shellOf(ann)).toBe(shell);

    await bob.reset();
    await bob.until("ready");
    expect(boxOf(bob)).toMatchObject({ state: "leased", frozen: false });
    const fresh = await bob.openTerminal("node01");
    fresh.type("echo fre''sh\r");
    await fresh.shows("fresh");
    expect((await bob.client.post(`/api/sessions/${bob.session}/check`)).status).toBe(201);
    await worksOn(ann);
    await fresh.close();
  });
});

describe.each([
  { fault: "is down", down: true, hangs: false },
  { fault: "hangs", down: false, hangs: true },
])("an engine that $fault", ({ down, hangs }) => {
  const failing = (on: boolean) => Object.assign(server.behaviour, { down: on && down, hangs: on && hangs });
  afterEach(() => failing(false));

  test("makes sessions lost while it does, and the page goes on; afterwards each has its own shell again", async () => {
    const shell = await shellOf(ann);
    failing(true);
    await Promise.all([ann.until("lost"), bob.until("lost")]);
    expect((await ann.see()).error).toMatchObject({ code: "engine.silent", advice: expect.stringContaining("Start it again") });
    await pageWorks();
    failing(false);
    await Promise.all([ann.until("ready"), bob.until("ready")]);
    await worksOn(ann);
    expect(await shellOf(ann)).toBe(shell);
  });

  test("when the server starts keeps nobody from reading, and is told; when it is back, so are the sessions", async () => {
    const shell = await shellOf(ann);
    await server.stop();
    failing(true);
    await server.start();
    for (const learner of [ann, bob]) learner.comeBack(server.server.url);
    await eventually(async () => {
      const { state, phases, error } = (await ann.client.get("/api/platform")).body;
      expect(state).toBe(down ? "failed" : "preparing");
      expect(phases.at(-1)).toMatchObject({ id: "sandboxes", state: down ? "failed" : "running" });
      if (down) expect(error.code).toBe("engine.silent");
    });
    await pageWorks();
    failing(false);
    expect((await ann.client.post("/api/platform/retry")).status).toBe(202);
    await eventually(async () => expect((await ann.client.get("/api/platform")).body.state).toBe("ready"));
    await Promise.all([ann.until("ready"), bob.until("ready")]);
    await worksOn(ann);
    expect(await shellOf(ann)).toBe(shell);
  });
});

test("a reset that an engine which is down cannot carry out says so, and works when it is back", async () => {
  server.behaviour.down = true;
  await bob.until("lost");
  await bob.reset();
  await bob.until("failed");
  expect((await bob.see()).error.code).toBe("engine.silent");
  server.behaviour.down = false;
  await bob.reset();
  await bob.until("ready");
  await ann.until("ready");
  await worksOn(ann);
  // The one that could not be removed then is found later.
  const holders = () => [...server.engine.records.values()].map(({ leasedFor }) => leasedFor).sort();
  await eventually(() => expect(holders()).toEqual([ann.session, bob.session].sort()));
});
