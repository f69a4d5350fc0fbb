/**
 * A process for tests to kill: makes a sandbox in the data directory given as argument, by kind or
 * as a copy of the golden cluster.
 */
import { clusterFixture } from "./cluster-fixture.ts";

const [dataDir, way] = process.argv.slice(2);
const { provider, kindOnly } = await clusterFixture(dataDir);
await (way === "copy" ? provider : kindOnly).create({ topology: "two-node", owner: "test" });
