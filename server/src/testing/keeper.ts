import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Sandbox } from "../../../labs/src/sandbox/provider.ts";

const goDir = resolve(import.meta.dirname, "../../../labs/src/image/go");

/** The real shell keeper, run on this machine in place of a sandbox's host. */
export class LocalKeepers {
  readonly #dir = mkdtempSync(join(tmpdir(), "drydock-keeper-"));
  readonly #binary = join(this.#dir, "drydock-shell");

  /** Builds the keeper. Answers false where there is no Go, and the reason is told. */
  build(): boolean {
    if (spawnSync("go", ["version"]).status !== 0) return false;
    execFileSync("go", ["build", "-o", this.#binary, "./cmd/shell"], { cwd: goDir, stdio: "pipe" });
    return true;
  }

  readonly shellCommand: Sandbox["shellCommand"] = (_host, [verb, ...args]) => ({
    file: this.#binary,
    args: [verb!, "--dir", this.#dir, "--cwd", "/tmp", ...args].map((arg) => (arg === "-l" ? "--norc" : arg)),
    env: { DRYDOCK_SHELL_LINGER: "2" },
  });

  /** The keepers that live, as they describe themselves. */
  list(): { pid: number; name: string; cols: number; rows: number; end: number; attached: boolean; exited: boolean }[] {
    const text = execFileSync(this.#binary, ["list", "--dir", this.#dir], { encoding: "utf8" });
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as never);
  }

  /** Ends all shells. */
  end(): void {
    for (const { name } of this.list()) spawnSync(this.#binary, ["kill", "--dir", this.#dir, "--name", name]);
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
