import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWindow } from "../../server/src/testing/window.ts";
import { ClusterServer, SANDBOX_MS } from "./support/cluster-lab.ts";
import { Learner } from "./support/learner.ts";

let cluster: ClusterServer;
let ann: Learner;
let bob: Learner;
/** Ann's, who has nothing to do with what befalls Bob. */
let window: TestWindow;

beforeAll(async () => {
  cluster = await ClusterServer.start();
  [ann, bob] = await Promise.all([Learner.at(cluster.url, "one", SANDBOX_MS), Learner.at(cluster.url, "one", SANDBOX_MS)]);
  window = await ann.openTerminal("controlplane");
  window.type("x=kept; echo shell=$$; echo read''y\r");
  await window.shows("ready");
});
afterAll(() => cluster?.end());

test.each(["node01", "controlplane"])(
  "the container of %s is killed: its session is lost, a reset gives a new one, and another session goes on",
  async (host) => {
    const { engine, provider } = cluster.fixture;
    const before = await cluster.sandboxOf(bob.session);
    const killed = await bob.openTerminal(host);
    await engine.run(["kill", await cluster.containerOf(bob.session, host)]);
    await bob.until("lost", 30_000);
    expect((await bob.see()).error).toMatchObject({ code: "sandbox.lost", advice: expect.stringContaining("Reset") });
    await expect.poll(() => killed.closeCode, { timeout: 10_000 }).toBeDefined();
    expect(killed.last("error")?.code).toBe("lost");
    expect((await bob.client.post(`/api/sessions/${bob.session}/check`)).status).toBe(409);

    window.type(`echo beside-${host}-$x\r`);
    await window.shows(`beside-${host}-kept`);
    expect((await ann.see()).state).toBe("ready");
    expect(window.closeCode).toBeUndefined();

    await bob.reset();
    await bob.until("ready", SANDBOX_MS);
    expect(await cluster.sandboxOf(bob.session)).not.toBe(before);
    const fresh = await bob.openTerminal(host);
    fresh.type("kubectl get nodes --no-headers | wc -l\r");
    await fresh.shows(/^2$/m, 30_000);
    await fresh.close();
    await expect.poll(async () => (await provider.list()).map(({ id }) => id), { timeout: 60_000 }).not.toContain(before);

    window.type(`echo after-${host}-$x\r`);
    await window.shows(`after-${host}-kept`);
    expect(window.frames.filter(({ type }) => type === "screen")).toHaveLength(1);
  },
);
