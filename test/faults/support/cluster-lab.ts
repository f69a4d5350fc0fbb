import { runChecks } from "../../../labs/src/checks/run.ts";
import { setUp } from "../../../labs/src/grading/set-up.ts";
import { launchElsewhere } from "../../../labs/src/launcher/launcher.ts";
import { listContainers } from "../../../labs/src/sandbox/engine-objects.ts";
import type { Sandbox, SandboxProvider } from "../../../labs/src/sandbox/provider.ts";
import { type ClusterFixture, clusterFixture } from "../../../labs/src/sandbox/testing/cluster-fixture.ts";
import { Catalogue } from "../../../server/src/catalogue.ts";
import type { OpenLab } from "../../../server/src/lab.ts";
import { fakeScenario } from "../../../server/src/testing/fake-lab.ts";
import { TestServer } from "../../../server/src/testing/test-server.ts";

/** How long a learner waits for a real sandbox, at most. */
export const SANDBOX_MS = 150_000;

/**
 * A server whose sandboxes are real ones, owned by `test`. Its scenarios `one` and `two` need no
 * set-up.
 */
export class ClusterServer {
  readonly fixture: ClusterFixture;
  readonly server: TestServer;

  readonly #endLauncher: () => void;

  private constructor(fixture: ClusterFixture, server: TestServer, endLauncher: () => void) {
    this.#endLauncher = endLauncher;
    this.fixture = fixture;
    this.server = server;
  }

  static async start(): Promise<ClusterServer> {
    // As the server's main does.
    const endLauncher = launchElsewhere();
    const fixture = await clusterFixture();
    await fixture.provider.prepareCopies({ topology: "two-node", owner: "test" });
    const server = await TestServer.start(
      {},
      {
        openLab: openOn(fixture),
        catalogue: new Catalogue([fakeScenario("one"), fakeScenario("two")]),
        watch: { everyMs: 1000, patienceMs: 15_000, strikes: 3 },
      },
    );
    return new ClusterServer(fixture, server, endLauncher);
  }

  get url(): string {
    return this.server.server.url;
  }

  /** The id of the sandbox that a session has. */
  async sandboxOf(session: string): Promise<string> {
    const record = (await this.fixture.provider.list()).find(({ leasedFor }) => leasedFor === session);
    if (!record) throw new Error(`no sandbox is leased for ${session}`);
    return record.id;
  }

  /** A session's sandbox, from outside the learner's shell. */
  async open(session: string): Promise<Sandbox> {
    return this.fixture.provider.open(await this.sandboxOf(session));
  }

  /** The name of a container that is a host of a session's sandbox. */
  async containerOf(session: string, host: string): Promise<string> {
    const containers = await listContainers(this.fixture.engine, { sandboxId: await this.sandboxOf(session) });
    return containers.find((one) => one.host === host)!.name;
  }

  async end(): Promise<void> {
    await this.server.end();
    await this.fixture.dispose();
    this.#endLauncher();
  }
}

function openOn({ provider }: ClusterFixture): OpenLab {
  const owned: SandboxProvider = {
    create: (options) => provider.create({ ...options, owner: "test" }),
    prepareCopies: async () => undefined,
    isCurrent: (id) => provider.isCurrent(id),
    list: () => provider.list(),
    open: (id) => provider.open(id),
    lease: (id, leasedFor) => provider.lease(id, leasedFor),
    freeze: (id) => provider.freeze(id),
    thaw: (id) => provider.thaw(id),
    remove: (id) => provider.remove(id),
    collectGarbage: () => provider.collectGarbage("test"),
  };
  return async () => ({
    provider: owned,
    kubernetes: undefined,
    prepare: async () => undefined,
    addExtras: async () => undefined,
    setUp: (sandbox, scenario, { signal }) => setUp(scenario, sandbox, { signal }),
    grade: (sandbox, scenario, options) => runChecks(scenario, sandbox, options),
  });
}
