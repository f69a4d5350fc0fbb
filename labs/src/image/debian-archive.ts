import { DrydockError } from "../errors.ts";
import { run, tryRun } from "../process.ts";

const APT = ["-q", "-o", "DPkg::Lock::Timeout=300"];

/**
 * The address of the Debian archive that a list of apt's index targets names: one line each,
 * `<address> <suite> <component>`. The suite that is wanted counts most; otherwise an archive with
 * any plain release of Debian in it has it too.
 */
export function debianArchive(targets: string, suite: string): string | undefined {
  const lines = targets.split("\n").map((line) => line.trim().split(/\s+/));
  const main = lines.filter(([address, , component]) => address && component === "main" && /\/debian\/?$/.test(address));
  const best = main.find(([, release]) => release === suite) ?? main.find(([, release]) => release && !/[-/]/.test(release));
  return best?.[0];
}

/**
 * The Debian archive that this machine itself installs from. apt names only archives whose lists it
 * has, so these are fetched where none is named.
 * @throws DrydockError `image.no-debian` where apt does not know one
 */
export async function findDebianArchive(suite: string, signal?: AbortSignal): Promise<string> {
  const find = async () => debianArchive(await indexTargets(signal), suite);
  let archive = await find();
  if (!archive) {
    await tryRun("apt-get", [...APT, "update"], { signal }).catch(() => undefined);
    archive = await find();
  }
  if (archive) return archive;
  throw new DrydockError(
    "image.no-debian",
    "Building a node image from source needs a machine whose apt installs from a Debian archive",
    {
      advice: "Set DRYDOCK_NODE_BASE=official where a container registry can be reached",
    },
  );
}

async function indexTargets(signal?: AbortSignal): Promise<string> {
  const format = "$(REPO_URI) $(RELEASE) $(COMPONENT)";
  const listed = await tryRun("apt-get", ["indextargets", "--format", format, "Created-By: Packages"], { signal }).catch(
    () => undefined,
  );
  return listed?.exitCode === 0 ? listed.stdout : "";
}

/**
 * Installs the program that makes a Debian file system, where it is missing and this is root.
 * @throws DrydockError `image.no-mmdebstrap`
 */
export async function ensureMmdebstrap(signal?: AbortSignal): Promise<void> {
  if (await isThere("mmdebstrap")) return;
  const install = [...APT, "install", "-y", "--no-install-recommends", "mmdebstrap"];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  try {
    const first = await tryRun("apt-get", install, { env, signal });
    if (first.exitCode === 0) return;
    await run("apt-get", [...APT, "update"], { env, signal });
    await run("apt-get", install, { env, signal });
  } catch (cause) {
    throw new DrydockError("image.no-mmdebstrap", "mmdebstrap is missing and could not be installed", {
      cause,
      advice: "As root: apt-get install mmdebstrap",
    });
  }
}

async function isThere(program: string): Promise<boolean> {
  return tryRun(program, ["--version"]).then(
    (result) => result.exitCode === 0,
    () => false,
  );
}
