/** Makes a sandbox in the data directory given as argument: a process for tests to kill. */
import { clusterFixture } from "./cluster-fixture.ts";

const { provider } = await clusterFixture(process.argv[2]);
await provider.create({ topology: "two-node", owner: "test" });
