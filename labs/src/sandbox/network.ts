import { networkInterfaces } from "node:os";
import { DIFFERENCES } from "../engine/differences.ts";
import type { Engine } from "../engine/engine.ts";
import { tryCreateNetwork } from "../engine/network.ts";
import { DrydockError } from "../errors.ts";
import { type Labels, labelsOf } from "./labels.ts";
import { clusterName } from "./names.ts";
import { pickSubnet, type Subnet } from "./subnets.ts";

const TRIES = 5;

/**
 * Makes the sandbox's own network, closed to all others, on a range that neither the engine's
 * networks nor this machine use. Its bridge has the name by which the wall tells a sandbox.
 * @throws DrydockError `sandbox.no-subnet`, `process.failed`
 */
export async function createNetwork(engine: Engine, labels: Labels, signal?: AbortSignal): Promise<Subnet> {
  const refused: string[] = [];
  for (let attempt = 1; ; attempt++) {
    const subnet = pickSubnet([...(await takenSubnets(engine)), ...refused]);
    if (!subnet) {
      throw new DrydockError("sandbox.no-subnet", "No address range is left for another sandbox's network", {
        advice: "Remove sandboxes that nobody uses: drydock down",
      });
    }
    const spec = {
      name: clusterName(labels.id),
      subnet: subnet.cidr,
      bridge: subnet.bridge,
      labels: labelsOf("network", labels),
    };
    // Somebody may have taken the range since it was looked up: any failure is tried again with
    // another one.
    const failure = await tryCreateNetwork(engine, spec, signal);
    if (failure === undefined) return subnet;
    if (attempt === TRIES) throw new DrydockError("process.failed", `${engine.name} network create failed: ${failure}`);
    refused.push(subnet.cidr);
  }
}

async function takenSubnets(engine: Engine): Promise<string[]> {
  const names = (await engine.run(["network", "ls", "--format", "{{.Name}}"])).split("\n").filter(Boolean);
  // A network may go away between the two calls: what could be inspected is printed all the same.
  const { stdout } = await engine.tryRun(["network", "inspect", "--format", DIFFERENCES[engine.name].subnetsTemplate, ...names]);
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ cidr }) => cidr ?? "") ?? []);
  return [...stdout.split("\n"), ...own];
}
