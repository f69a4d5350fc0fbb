import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run, tryRun } from "../../../labs/src/process.ts";
import type { Sandbox } from "../../../labs/src/sandbox/provider.ts";

const goDir = resolve(import.meta.dirname, "../../../labs/src/image/go");

/** A keeper, as it describes itself. */
export interface Keeper {
  pid: number;
  name: string;
  cols: number;
  rows: number;
  end: number;
  attached: boolean;
  exited: boolean;
}

/**
 * What a sandbox's `shellCommand` gives, for keepers on this machine: one shell per name, whatever
 * the host; without the profile of whoever runs it.
 */
export function localShellCommand({ binary, dir }: Pick<LocalKeepers, "binary" | "dir">): Sandbox["shellCommand"] {
  return (_host, [verb, ...args]) => ({
    file: binary,
    args: [verb!, "--dir", dir, "--cwd", "/tmp", ...args].map((arg) => (arg === "-l" ? "--norc" : arg)),
    env: { DRYDOCK_SHELL_LINGER: "2" },
  });
}

/** The real shell keeper, run on this machine in place of a sandbox's host. */
export class LocalKeepers {
  /** Where the sockets are. */
  readonly dir = mkdtempSync(join(tmpdir(), "drydock-keeper-"));
  readonly binary = join(this.dir, "drydock-shell");

  /** Builds the keeper. Answers false where there is no Go. */
  async build(): Promise<boolean> {
    const go = await tryRun("go", ["version"]).catch(() => undefined);
    if (go?.exitCode !== 0) return false;
    await run("go", ["build", "-o", this.binary, "./cmd/shell"], { cwd: goDir });
    return true;
  }

  readonly shellCommand = localShellCommand(this);

  /** The keepers that live. */
  async list(): Promise<Keeper[]> {
    const text = await run(this.binary, ["list", "--dir", this.dir]);
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Keeper);
  }

  /** Breaks the connection to a shell, as a crash of the engine's exec would. */
  async cut(name: string): Promise<void> {
    await run("pkill", ["-9", "-f", `[a]ttach --dir ${this.dir} .*--name ${name}`]);
  }

  /** Ends all shells. */
  async end(): Promise<void> {
    for (const { name } of await this.list()) await tryRun(this.binary, ["kill", "--dir", this.dir, "--name", name]);
    rmSync(this.dir, { recursive: true, force: true });
  }
}
