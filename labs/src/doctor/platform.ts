import { existsSync } from "node:fs";
import type { Config } from "../config.ts";
import { findEngine } from "../engine/index.ts";
import type { Engine } from "../engine/engine.ts";
import { missingRights, readRights } from "../engine/rights.ts";
import { chooseBase } from "../image/choose-base.ts";
import { cacheDir } from "../image/context.ts";
import { goArtifact } from "../image/go-programs.mjs";
import { baseAlreadyBuilt, nodeReference, presentReferences } from "../image/reference.ts";
import { tryRun } from "../process.ts";
import { listNetworks } from "../sandbox/engine-objects.ts";
import { examineWall, type WallFinding } from "../sandbox/wall.ts";
import { missing, ok, warning, type Finding } from "./finding.ts";

const INSTALL =
  "Install Docker (or podman with runc) and start it; as root on Debian or Ubuntu, `drydock prepare` installs podman itself";

/** What sandboxes are made with: engine, kind, node image. Installs and builds nothing. */
export async function examinePlatform(config: Config): Promise<Finding[]> {
  const { engine, rejected } = await findEngine(config);
  const reasons = rejected.map(({ name, reason }) => `${name}: ${reason}`);
  const rights = await readRights(process.env);
  const lacking = rights && missingRights(rights);
  if (!engine && lacking)
    return [
      missing("Rights", lacking.what, lacking.advice),
      missing("Container engine", `none works (${reasons.join("; ")})`, "As above"),
    ];
  if (!engine) return [missing("Container engine", `none works (${reasons.join("; ") || "none found"})`, INSTALL)];
  const others = reasons.length > 0 ? ` (not used: ${reasons.join("; ")})` : "";
  const found = ok("Container engine", `${engine.name} ${engine.version}${others}`);
  const kind = existsSync(goArtifact("kind", cacheDir(config)));
  const image = await examineImage(config, engine);
  const bash = (await tryRun("bash", ["--version"]).catch(() => undefined))?.exitCode === 0;
  return [
    found,
    ...image,
    kind ? ok("kind", "built") : warning("kind", "not built yet", "`drydock prepare` builds it"),
    ...(kind ? [] : [await examineGo()]),
    bash ? ok("bash", "there") : warning("bash", "not found", "`drydock lint` needs it"),
  ];
}

async function examineImage(config: Config, engine: Engine): Promise<Finding[]> {
  const base = baseAlreadyBuilt(config, await presentReferences(engine));
  if (base) {
    const reference = nodeReference(base, config);
    const found = await examineWall(engine, reference, config.installation);
    const sandboxes = (await listNetworks(engine, { installation: config.installation })).length;
    return [ok("Node image", reference), judgeWall(found, sandboxes)];
  }
  const found = warning("Node image", "not built yet", "`drydock prepare` builds it: a few minutes");
  try {
    const next = await chooseBase(config);
    const from =
      next.kind === "official"
        ? "a container registry answers: an official node image will be the base"
        : "no container registry answers: it will be built from source";
    return [found, ok("Base of the node image", from)];
  } catch (error) {
    return [
      found,
      missing("Base of the node image", (error as Error).message, "Connect to the internet, or set DRYDOCK_NODE_REGISTRY"),
    ];
  }
}

/** @param sandboxes how many there are */
export function judgeWall(found: WallFinding, sandboxes: number): Finding {
  const what = "Wall around sandboxes";
  const again =
    "The next sandbox that is made puts it up again; until then sandboxes can reach one another. See what removes tables of nftables here";
  switch (found.state) {
    case "up":
      return ok(what, "up");
    case "absent":
      return sandboxes === 0 ? ok(what, "goes up with the first sandbox") : warning(what, "missing", again);
    case "altered":
      return warning(what, "not as Drydock puts it up", again);
    case "impossible":
      return warning(
        what,
        `cannot be put up: ${found.reason}`,
        "Sandboxes can reach one another and this machine's services. Use an engine that runs as root, on a kernel with nf_tables (nft_ct, nft_fib_inet, nft_reject_inet)",
      );
  }
}

async function examineGo(): Promise<Finding> {
  const result = await tryRun("go", ["version"], { timeoutMs: 10_000 }).catch(() => undefined);
  if (result?.exitCode === 0) return ok("Go", result.stdout.trim().replace(/^go version go/, ""));
  return missing("Go", "not found", "Install Go 1.26 or newer: kind is built with it");
}
