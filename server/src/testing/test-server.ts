import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { Catalogue } from "../catalogue.ts";
import { startServer, type DrydockServer, type ServerOptions } from "../server.ts";
import { openStore, type Store } from "../store/store.ts";
import { Client } from "./client.ts";
import { createFakeLab, FakeEngine, fakeScenario, type FakeBehaviour } from "./fake-lab.ts";
import { TEST_OPTIONS } from "./options.ts";

/**
 * A server on a fake lab, with a data directory of its own (or the one given); it can be stopped
 * and started again on the same data.
 */
export class TestServer {
  readonly engine = new FakeEngine();
  readonly behaviour: FakeBehaviour;
  readonly dataDir: string;
  /** May be changed between two starts. */
  readonly options: Partial<ServerOptions>;
  store!: Store;
  server!: DrydockServer;
  /** The learner of most tests, who has the cookie already. */
  learner!: Client;

  constructor(behaviour: FakeBehaviour = {}, options: Partial<ServerOptions> = {}, dataDir?: string) {
    this.behaviour = behaviour;
    this.options = options;
    this.dataDir = dataDir ?? mkdtempSync(join(tmpdir(), "drydock-server-"));
  }

  static async start(behaviour: FakeBehaviour = {}, options: Partial<ServerOptions> = {}, dataDir?: string): Promise<TestServer> {
    const test = new TestServer(behaviour, options, dataDir);
    await test.start();
    return test;
  }

  async start(): Promise<void> {
    this.store = await openStore(this.dataDir);
    this.server = await startServer({
      ...TEST_OPTIONS,
      store: this.store,
      catalogue: new Catalogue([fakeScenario("one"), fakeScenario("two", { topology: "single-node" })]),
      openLab: async () => createFakeLab(this.engine, this.behaviour),
      log: pino({ level: process.env.DRYDOCK_LOG ?? "silent" }),
      port: 0,
      pageDir: join(this.dataDir, "page"),
      watch: { everyMs: 50, patienceMs: 500, strikes: 2 },
      ...this.options,
    });
    const cookie = this.learner?.cookie ?? "";
    this.learner = new Client(this.server.url);
    this.learner.cookie = cookie;
    if (!cookie) await this.learner.get("/api/platform");
  }

  /** Another learner, with a cookie of their own. */
  async stranger(): Promise<Client> {
    const client = new Client(this.server.url);
    await client.get("/api/platform");
    return client;
  }

  /** Starts a session and waits until it is ready. Returns its id. */
  async ready(scenario = "one"): Promise<string> {
    const { body } = await this.learner.post("/api/sessions", { scenario });
    await this.until(body.id, "ready");
    return body.id as string;
  }

  /** Waits until a session is in a state. */
  async until(id: string, state: string): Promise<void> {
    await eventually(async () => {
      const { body } = await this.learner.get(`/api/sessions/${id}`);
      if (body.state !== state) throw new Error(`${body.state}, not ${state}: ${JSON.stringify(body.error)}`);
    });
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.store.close();
  }

  async end(): Promise<void> {
    await this.stop().catch(() => undefined);
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Tries until it does not throw; with the last error when the time is up. */
export async function eventually<T>(attempt: () => T | Promise<T>, withinMs = 30_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((next) => setTimeout(next, 20));
    }
  }
}
