import type { RunOptions, RunResult } from "../process.ts";

/**
 * A container engine, driven through its command line: that is its stable interface. What docker
 * and podman do differently stands in one small table (`differences.ts`); everything else of the
 * project is written once.
 */
export interface Engine {
  readonly name: "docker" | "podman";
  /**
   * The program to run, and the environment that it needs (podman's own containers.conf, a docker
   * host).
   */
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly version: string;
  /** Runs `<engine> ...args`; throws when it fails. Returns standard output. */
  run(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Runs `<engine> ...args`; returns exit status and output whatever it was. */
  tryRun(args: readonly string[], options?: RunOptions): Promise<RunResult>;
}

/**
 * Every container, network, volume and image of the project carries this label key (its value says
 * what it is: `node`, `network`, `volume`, `image`).
 */
export const LABEL = "drydock";
/** The installation (data directory) that an object belongs to: {@link Config.installation}. */
export const LABEL_INSTALLATION = "drydock.installation";
/** The sandbox that an object belongs to. */
export const LABEL_SANDBOX = "drydock.sandbox";
/** Who may remove it: {@link Owner}. */
export const LABEL_OWNER = "drydock.owner";
/**
 * Installation and owner in one, `<installation>.<owner>`: where several labels are asked for at
 * once, podman 4.3 lists volumes that have any of them.
 */
export const LABEL_SCOPE = "drydock.scope";
/** The host name of a node's container: `controlplane`, `node01`. */
export const LABEL_HOST = "drydock.host";
