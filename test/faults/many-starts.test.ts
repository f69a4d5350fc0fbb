import { afterEach, expect, test } from "vitest";
import type { SandboxRecord } from "../../labs/src/sandbox/provider.ts";
import { errorSchema, sessionSchema, type Session } from "../../server/src/contract.ts";
import type { Client } from "../../server/src/testing/client.ts";
import { createFakeLab, FakeEngine, type FakeBehaviour } from "../../server/src/testing/fake-lab.ts";
import { eventually, TestServer } from "../../server/src/testing/test-server.ts";

const LEARNERS = 50;
const ROOM = 4;

/** Records that know how many of them there were at once. */
class CountingRecords extends Map<string, SandboxRecord> {
  most = 0;

  override set(id: string, record: SandboxRecord): this {
    super.set(id, record);
    this.most = Math.max(this.most, this.size);
    return this;
  }
}

let server: TestServer;
afterEach(() => server.end());

/** A learner, and the session that they have got so far. */
interface Waiting {
  client: Client;
  session?: string;
}

/** The place in the queue that a session says it has. */
function placeOf({ phases }: Session): number | undefined {
  return phases.find(({ state, place }) => state === "running" && place)?.place?.position;
}

/**
 * Asks for the task. A refusal must say what to do; a session leaves it to its phases to say how it
 * stands.
 */
async function ask(learner: Waiting): Promise<"began" | "refused"> {
  const { status, body } = await learner.client.post("/api/sessions", { scenario: "one" });
  if (status === 201) {
    learner.session = sessionSchema.parse(body).id;
    return "began";
  }
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThanOrEqual(503);
  const { code, advice } = errorSchema.parse(body).error;
  expect(code).toMatch(/^capacity\./);
  expect(advice).toBeTruthy();
  return "refused";
}

test(`${LEARNERS} starts at once with room for ${ROOM}: each waits in a known place or is refused with advice, and all are served in the end`, async () => {
  const records = new CountingRecords();
  const behaviour: FakeBehaviour = { createMs: 100, createHeld: true };
  const lab = createFakeLab(new FakeEngine(records), behaviour);
  server = await TestServer.start({}, { maxSandboxes: ROOM, openLab: async () => lab });
  const learners: Waiting[] = await Promise.all(
    Array.from({ length: LEARNERS }, async () => ({ client: await server.stranger() })),
  );
  const see = async ({ client, session }: Waiting) => sessionSchema.parse((await client.get(`/api/sessions/${session}`)).body);
  await eventually(async () => expect((await server.learner.get("/api/platform")).body.state).toBe("ready"));

  // They are answered while not one sandbox is made: being answered is not to wait for it.
  const answers = await Promise.all(learners.map(ask));
  const began = answers.filter((answer) => answer === "began").length;
  expect(began).toBeGreaterThanOrEqual(ROOM);
  const withSession = learners.filter(({ session }) => session);
  const first = await Promise.all(withSession.map(see));
  expect(first.every(({ state, phases }) => state === "preparing" && phases.some((phase) => phase.state === "running"))).toBe(
    true,
  );
  // Nobody but those whose sandboxes are being made is without a place.
  expect(first.filter((session) => placeOf(session) === undefined)).toHaveLength(records.size);
  behaviour.createHeld = false;

  let unserved = [...learners];
  await eventually(async () => {
    const states = await Promise.all(unserved.map((one) => (one.session === undefined ? undefined : see(one))));
    expect(states.filter((one) => one?.state === "ready")).toHaveLength(ROOM);
  });
  // Those who have a session and no sandbox know their place, each another one.
  const waiting = (await Promise.all(withSession.map(see))).filter(({ state }) => state !== "ready");
  const places = waiting.map(placeOf);
  expect(waiting.filter(({ state }) => state !== "preparing")).toEqual([]);
  expect(places.every((place) => place !== undefined && place >= 1)).toBe(true);
  expect(new Set(places).size).toBe(places.length);
  expect(records.size).toBe(ROOM);

  // Whoever is served ends; then it is the turn of one who waits, and there is room for one who was
  // refused and tries again.
  for (const deadline = Date.now() + 60_000; unserved.length > 0;) {
    expect(Date.now(), `${unserved.length} learners were never served`).toBeLessThan(deadline);
    const left: Waiting[] = [];
    for (const learner of unserved) {
      if (learner.session === undefined) await ask(learner);
      const { state } = learner.session === undefined ? { state: "refused" } : await see(learner);
      if (state === "ready") expect((await learner.client.ask("DELETE", `/api/sessions/${learner.session}`)).status).toBe(204);
      else left.push(learner);
      expect(["ready", "preparing", "refused"]).toContain(state);
    }
    unserved = left;
  }
  expect(records.most).toBe(ROOM);
  await eventually(() => expect(records.size).toBe(0));
});
