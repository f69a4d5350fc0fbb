import { freemem, totalmem } from "node:os";
import { measureUsage } from "../../labs/src/sandbox/usage.ts";
import type { BenchContext, Figure } from "./figure.ts";

const FROZEN = 16;
const ACTIVE = 6;
const MIB = 1024 * 1024;

/**
 * Sixteen frozen and six active two-node sandboxes at once: that all of the active ones answer,
 * what each costs, and which part of the machine's memory all take together. Throws where one
 * cannot be made or does not answer.
 */
export async function measureCapacity({ config, platform, cleanup, say }: BenchContext): Promise<Figure[]> {
  const { engine, provider } = platform;
  await provider.prepareCopies({ topology: "two-node", owner: "test" });
  const freeBefore = freemem();
  const made: string[] = [];
  const make = async () => {
    const making = provider.create({ topology: "two-node", owner: "test", leasedFor: "bench" });
    const sandbox = await cleanup.own(making, ({ id }) => provider.remove(id));
    made.push(sandbox.made.id);
    return sandbox.made.id;
  };
  for (let count = 1; count <= FROZEN; count++) {
    await provider.freeze(await make());
    say(`capacity: ${count} of ${FROZEN} frozen`);
  }
  const frozen = new Set(made);
  for (let count = 1; count <= ACTIVE; count++) {
    await make();
    say(`capacity: ${count} of ${ACTIVE} active`);
  }
  const active = made.filter((id) => !frozen.has(id));
  const answers = ["/usr/bin/kubectl", "--kubeconfig=/etc/kubernetes/admin.conf", "get", "--raw", "/readyz"];
  for (const id of active) {
    const { exitCode, stderr } = await (await provider.open(id)).exec("controlplane", answers, { timeoutMs: 30_000 });
    if (exitCode !== 0) throw new Error(`The API server of an active sandbox does not answer: ${stderr}`);
  }
  const used = (freeBefore - freemem()) / totalmem();
  const usage = await measureUsage(engine, config.installation);
  const costs = (ids: Iterable<string>) => usage.filter(({ id }) => [...ids].includes(id));
  return [
    { name: `${FROZEN} frozen and ${ACTIVE} active, part of the memory`, unit: "ratio", values: [used], target: 0.9 },
    { name: "frozen, memory (with page cache)", unit: "MiB", values: costs(frozen).map((one) => one.memoryBytes / MIB) },
    { name: "active, memory", unit: "MiB", values: costs(active).map((one) => one.memoryBytes / MIB), target: 900 },
    { name: "active, disk", unit: "MiB", values: costs(active).map((one) => one.diskBytes! / MIB), target: 512 },
  ];
}
