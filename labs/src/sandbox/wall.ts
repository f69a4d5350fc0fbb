import { type Engine, LABEL, LABEL_INSTALLATION } from "../engine/engine.ts";
import { lastLine } from "../engine/probe.ts";

/** Whether the rules that keep sandboxes apart, and off the machine, are in force. */
export type WallState = { up: true } | { up: false; reason: string };

/** Exit statuses of drydock-wall (image/go/cmd/wall). */
const MISSING = 3;
const ALTERED = 4;

/**
 * The wall around all sandboxes of the engine's machine (docs/decisions/0009-wall.md): nftables in
 * the engine's own network namespace, which may be on another kernel than this program's, so that a
 * helper container acts there. The rules are the same whatever sandboxes there are.
 */
export interface Wall {
  /**
   * Puts it up, or mends it, where it is not as it should be. Calls that come while one is under
   * way share the next. Sandboxes work without it: where it cannot be put up, the state says why.
   * @param image of which the helper is made; without one, that of the call before
   */
  ensure(image?: string): Promise<WallState>;
}

export function createWall(engine: Engine, installation: string): Wall {
  let running: Promise<WallState> | undefined;
  let next: Promise<WallState> | undefined;
  let known: string | undefined;
  const run = async (): Promise<WallState> => {
    if (known === undefined) return { up: false, reason: "there is no node image yet" };
    const { exitCode, said } = await runWallProgram(engine, known, installation, "ensure");
    return exitCode === 0 ? { up: true } : { up: false, reason: said };
  };
  const begin = (): Promise<WallState> => {
    next = undefined;
    const current = run().finally(() => {
      if (running === current) running = undefined;
    });
    return (running = current);
  };
  return {
    ensure(image) {
      known = image ?? known;
      if (!running) return begin();
      return (next ??= running.then(begin, begin));
    },
  };
}

/** What can be said of the wall without changing it: `absent` where it is not up but could be. */
export type WallFinding = { state: "up" | "absent" | "altered" } | { state: "impossible"; reason: string };

/** Looks at the wall, and whether it could be put up. */
export async function examineWall(engine: Engine, image: string, installation: string): Promise<WallFinding> {
  const checked = await runWallProgram(engine, image, installation, "check");
  if (checked.exitCode === 0) return { state: "up" };
  if (checked.exitCode === ALTERED) return { state: "altered" };
  if (checked.exitCode !== MISSING) return { state: "impossible", reason: checked.said };
  const probed = await runWallProgram(engine, image, installation, "probe");
  return probed.exitCode === 0 ? { state: "absent" } : { state: "impossible", reason: probed.said };
}

/** Takes the wall down; returns whether there was one, undefined where that could not be told. */
export async function removeWall(engine: Engine, image: string, installation: string): Promise<boolean | undefined> {
  const { exitCode } = await runWallProgram(engine, image, installation, "remove");
  return exitCode === 0 ? true : exitCode === MISSING ? false : undefined;
}

/** Runs drydock-wall in a privileged container on the engine's own network. */
async function runWallProgram(
  engine: Engine,
  image: string,
  installation: string,
  command: "ensure" | "check" | "probe" | "remove",
): Promise<{ exitCode: number; said: string }> {
  const labels = ["--label", `${LABEL}=helper`, "--label", `${LABEL_INSTALLATION}=${installation}`];
  const container = [
    "run",
    "--rm",
    "--privileged",
    "--network",
    "host",
    ...labels,
    "--entrypoint",
    "/usr/local/bin/drydock-wall",
  ];
  try {
    const result = await engine.tryRun([...container, image, command], { timeoutMs: 30_000 });
    const said = result.timedOut ? "it took longer than 30 s" : lastLine(result.stderr) || `exit status ${result.exitCode}`;
    return { exitCode: result.exitCode, said };
  } catch (error) {
    return { exitCode: -1, said: error instanceof Error ? error.message : String(error) };
  }
}
